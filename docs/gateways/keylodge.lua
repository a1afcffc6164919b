-- Asks Keylodge about the key of a request, at the URL that is in txn.keylodge_url, and leaves what it says in variables
-- of the transaction.

-- Header of the answer → variable.
local told = {
  ["www-authenticate"] = "txn.keylodge_challenge",
  ["retry-after"] = "txn.keylodge_retry_after",
  ["ratelimit"] = "txn.keylodge_ratelimit",
  ["ratelimit-policy"] = "txn.keylodge_ratelimit_policy",
  ["x-keylodge-workspace"] = "txn.keylodge_workspace",
  ["x-keylodge-user"] = "txn.keylodge_user",
  ["x-keylodge-role"] = "txn.keylodge_role",
  ["x-keylodge-scopes"] = "txn.keylodge_scopes",
  ["x-keylodge-key-id"] = "txn.keylodge_key_id",
  ["x-keylodge-key-name"] = "txn.keylodge_key_name",
}

core.register_action("keylodge", { "http-req" }, function(txn)
  local asked = txn.http:req_get_headers()
  local headers = { ["x-forwarded-for"] = { txn.sf:src() }, ["user-agent"] = {} }
  -- Every one of them: Keylodge refuses several keys at once, and must see that there are several.
  for _, name in ipairs({ "authorization", "x-api-key", "user-agent" }) do
    if asked[name] then
      headers[name] = {}
      for i = 0, #asked[name] do
        if asked[name][i] then table.insert(headers[name], asked[name][i]) end
      end
    end
  end
  if #headers["user-agent"] == 0 then headers["user-agent"] = { "" } end

  -- Whatever goes wrong leaves no 204, and the request is refused.
  txn:set_var("txn.keylodge_status", 503)
  local answer = core.httpclient():get{ url = txn:get_var("txn.keylodge_url"), headers = headers, timeout = 2000 }
  if not answer or not answer.status or answer.status == 0 then return end
  for name, variable in pairs(told) do
    local values = answer.headers and answer.headers[name]
    if values and values[0] then txn:set_var(variable, values[0]) end
  end
  txn:set_var("txn.keylodge_status", answer.status)
end, 0)
