-- The action "keylodge" verifies the key of a request. A 204 sets the identity headers and the variable
-- txn.keylodge = "proven". Any other response ends the request here.

local verify = "http://keylodge/verify"
local through = "abns@keylodge" -- the section "listen keylodge" of haproxy.cfg, which sets the timeouts
local limit = 5000 -- milliseconds; more than the timeouts there

local passed_on = {
	"www-authenticate", "retry-after", "ratelimit", "ratelimit-policy", "cache-control",
}

local refusals = { [401] = true, [403] = true, [429] = true, [503] = true }

-- HAProxy returns lists that begin at 0 but expects lists that begin at 1.
local function all(values)
	local list = {}
	for i = 0, #values do list[i + 1] = values[i] end
	return list
end

local function question(txn)
	local client = txn.http:req_get_headers()
	local headers = { ["x-forwarded-for"] = { txn.sf:src() } }
	-- Send every value, so that Keylodge notices two keys.
	for _, name in ipairs({ "authorization", "x-api-key", "user-agent" }) do
		if client[name] then headers[name] = all(client[name]) end
	end
	local url, scope = verify, txn:get_var("txn.keylodge_scope")
	if scope then url = url .. "?scope=" .. scope end
	return { url = url, dst = through, headers = headers, timeout = limit }
end

local function refuse(txn, answer)
	local reply = txn:reply({ status = refusals[answer.status] and answer.status or 503 })
	for _, name in ipairs(passed_on) do
		local values = answer.headers and answer.headers[name]
		if values then reply:add_header(name, values[0]) end
	end
	txn:done(reply)
end

core.register_action("keylodge", { "http-req" }, function(txn)
	local answer = core.httpclient():get(question(txn)) or {}
	if answer.status ~= 204 then return refuse(txn, answer) end
	for name, values in pairs(answer.headers) do
		if name:find("^x%-keylodge%-") then txn.http:req_set_header(name, values[0]) end
	end
	local rate, policy = answer.headers["ratelimit"], answer.headers["ratelimit-policy"]
	if rate then txn:set_var("txn.keylodge_rate", rate[0]) end
	if policy then txn:set_var("txn.keylodge_policy", policy[0]) end
	txn:set_var("txn.keylodge", "proven")
end)
