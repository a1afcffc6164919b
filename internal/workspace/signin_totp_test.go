package workspace_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	otp "github.com/pquerna/otp/totp"

	"github.com/keylodge/keylodge/internal/totp"
	"github.com/keylodge/keylodge/internal/workspace"
)

// authenticator makes codes of a secret as an app does.
type authenticator struct{ secret string }

func (a authenticator) code(at time.Time) string {
	code, err := otp.GenerateCode(a.secret, at)
	if err != nil {
		panic(err)
	}
	return code
}

// protect gives the owner a second factor and returns their authenticator and
// recovery codes.
func (o *office) protect() (authenticator, []string) {
	o.Helper()
	a := authenticator{totp.NewSecret()}
	codes, err := o.AddTOTP(o.Context(), o.dana, workspace.Session{}, a.secret, a.code(o.clock))
	if err != nil || len(codes) != 10 {
		o.Fatalf("%d codes, %v", len(codes), err)
	}
	return a, codes
}

// await enters the right password and returns the token that goes on.
func (o *office) await() string {
	o.Helper()
	in, err := o.signIn("192.0.2.1", "dana@acme.example", password, "")
	if err != nil || in.Token != "" || in.Await == "" {
		o.Fatalf("the password alone: %+v, %v", in, err)
	}
	return in.Await
}

func (o *office) finish(token, code string) error {
	stranger := workspace.Actor{Kind: workspace.ActorStranger, WorkspaceID: o.acme.ID, IP: "192.0.2.1"}
	in, err := o.FinishSignIn(o.Context(), workspace.SignInRequest{Actor: stranger},
		workspace.SignInCode{Token: token, Code: code})
	if (err == nil) != (in.Token != "") {
		o.Errorf("a session without a proof, or none with one: %v", err)
	}
	return err
}

func TestSecondFactor(t *testing.T) {
	o := newOffice(t)
	app, codes := o.protect()
	expectKind(t, "the code that set it up", o.finish(o.await(), app.code(o.clock)), workspace.Unauthenticated)
	o.clock = o.clock.Add(time.Minute)
	now := app.code(o.clock)
	expectKind(t, "a code of long ago", o.finish(o.await(), app.code(o.clock.Add(-time.Hour))),
		workspace.Unauthenticated)
	token := o.await()
	expectKind(t, "no code", o.finish(token, ""), workspace.Unauthenticated)
	expectKind(t, "the code, with spaces", o.finish(token, now[:3]+" "+now[3:]), workspace.Internal)
	expectKind(t, "the same sign-in again", o.finish(token, app.code(o.clock.Add(30*time.Second))), workspace.Gone)
	expectKind(t, "the same code again", o.finish(o.await(), now), workspace.Unauthenticated)
	expectKind(t, "an older code, after a newer one", o.finish(o.await(), app.code(o.clock.Add(-30*time.Second))),
		workspace.Unauthenticated)
	o.clock = o.clock.Add(time.Hour)
	expectKind(t, "a recovery code", o.finish(o.await(), codes[3]), workspace.Internal)
	expectKind(t, "the same recovery code again", o.finish(o.await(), codes[3]), workspace.Unauthenticated)
	late := o.await()
	o.clock = o.clock.Add(5 * time.Minute)
	expectKind(t, "too late", o.finish(late, app.code(o.clock)), workspace.Gone)
	expectKind(t, "no sign-in of ours", o.finish("x", app.code(o.clock)), workspace.Gone)

	o.confirm(&o.dana, workspace.MethodCode)
	if f, err := o.SecondFactor(t.Context(), o.dana); err != nil || f.Since.IsZero() || f.CodesLeft != 9 {
		t.Errorf("%+v, %v", f, err)
	}
	fresh, err := o.NewRecoveryCodes(t.Context(), o.dana)
	if err != nil {
		t.Fatal(err)
	}
	expectKind(t, "a replaced recovery code", o.finish(o.await(), codes[4]), workspace.Unauthenticated)
	expectKind(t, "a new recovery code", o.finish(o.await(), fresh[0]), workspace.Internal)
	o.confirm(&o.dana, workspace.MethodCode)
	if err := o.RemoveTOTP(t.Context(), o.dana); err != nil {
		t.Fatal(err)
	}
	if in, err := o.signIn("192.0.2.1", "dana@acme.example", password, ""); err != nil || in.Token == "" {
		t.Errorf("after it is removed: %v", err)
	}
	o.confirm(&o.dana, workspace.MethodPassword)
	_, err = o.NewRecoveryCodes(t.Context(), o.dana)
	expectKind(t, "recovery codes of nothing", err, workspace.NotFound)
}

// No code works twice, however many try at the same time.
func TestCodesWorkOnceAtTheSameTime(t *testing.T) {
	o := newOffice(t)
	app, codes := o.protect()
	for _, code := range []func() string{func() string { return app.code(o.clock) },
		func() string { return codes[0] }} {
		o.clock = o.clock.Add(time.Hour)
		token := o.await()
		var in atomic.Int32
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if o.finish(token, code()) == nil {
					in.Add(1)
				}
			})
		}
		all.Wait()
		if in.Load() != 1 {
			t.Errorf("%d sign-ins by one code", in.Load())
		}
	}
}

func TestGuessingCodesIsThrottled(t *testing.T) {
	o := newOffice(t)
	app, _ := o.protect()
	o.clock = o.clock.Add(time.Minute)
	var err error
	for i := range 10 {
		err = o.finish(o.await(), fmt.Sprintf("%06d", i))
	}
	expectKind(t, "the tenth guess", err, workspace.Throttled)
	expectKind(t, "the right code during the wait", o.finish(o.await(), app.code(o.clock)), workspace.Throttled)
	o.clock = o.clock.Add(20 * time.Minute)
	expectKind(t, "the right code after it", o.finish(o.await(), app.code(o.clock)), workspace.Internal)
}

func TestSecondFactorWantsAFreshProof(t *testing.T) {
	o := newOffice(t)
	o.clock = o.clock.Add(11 * time.Minute)
	app := authenticator{totp.NewSecret()}
	_, err := o.AddTOTP(t.Context(), o.dana, workspace.Session{}, app.secret, app.code(o.clock))
	expectKind(t, "adding", err, workspace.Unproven)
	o.dana.ProvenAt = o.clock
	_, err = o.AddTOTP(t.Context(), o.dana, workspace.Session{}, app.secret, app.code(o.clock.Add(time.Hour)))
	expectKind(t, "a wrong code", err, workspace.Invalid)
	_, err = o.AddTOTP(t.Context(), o.dana, workspace.Session{}, "AAAA", app.code(o.clock))
	expectKind(t, "a short secret", err, workspace.Invalid)
	o.protect()
	o.clock = o.clock.Add(11 * time.Minute)
	expectKind(t, "removing", o.RemoveTOTP(t.Context(), o.dana), workspace.Unproven)
	_, err = o.NewRecoveryCodes(t.Context(), o.dana)
	expectKind(t, "new codes", err, workspace.Unproven)
}
