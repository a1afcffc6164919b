package templates

// AuditDaysAsTyped is how long an audit log is kept, as the form has it.
func AuditDaysAsTyped(days int) string { return number(days) }
