-- SPDX-License-Identifier: Apache-2.0

-- Removes secrets and e-mail addresses from the log records of a Mattermost server. Fluent Bit's lua filter calls
-- redact_secrets for every record. Lua 5.1, no libraries: Fluent Bit runs it in LuaJIT.
--
-- Where it cannot distinguish a secret from something harmless, it hides too much rather than too little.
--
-- Users write what is logged, and all records of a node wait while this runs, so the time must be in proportion to the
-- size of the record. Two rules ensure that:
--
-- 1. A pattern is one class of characters ("[/?#]"), or the run of one class from a fixed position ("^[%w_]*"). Both
--    cost what they pass over. Anything longer may backtrack or start again at every character. A test rejects other
--    patterns.
-- 2. No part of a string is searched more than a fixed number of times: what a search has found is remembered, and what
--    is looked at ahead of time has a fixed length. A test counts the steps.

local SECRET = "[REDACTED]"
local EMAIL = "[EMAIL]"

-- Tables that are nested deeper than this are hidden without being read.
local MAX_DEPTH = 24

-- A password in a URL may contain spaces. The @ after it is expected within this many characters.
local MAX_SPACED = 256

local byte, find, lower, match, sub = string.byte, string.find, string.lower, string.match, string.sub
local gsub, concat = string.gsub, table.concat

-- A name indicates a secret if it contains one of these. Names are compared in lower case and without punctuation, so
-- that api_key, Api-Key and apiKey are the same.
local secret_parts = {
  "passw", "passphrase", "secret", "token", "authorization", "cookie", "csrf", "credential", "datasource",
  "connectionstring", "apikey", "accesskey", "privatekey", "signingkey", "encryptkey", "encryptionkey", "splitkey",
  "developerkey", "salt",
}

-- Names that are too short or too common to look for inside others. The id of a webhook is all that its caller needs.
local secret_names = {
  pwd = true, dsn = true, otp = true, jwt = true, mfacode = true, sig = true, signature = true, xamzsignature = true,
  hookid = true, webhookid = true, giphysdkkey = true, replicalagsettings = true, remoteimageproxyoptions = true,
}

-- Parameters of a query: the code of an OAuth login, and the token of an invitation (server/channels/app/email).
local secret_parameters = { code = true, t = true }

local function indicates_secret(name)
  local plain = gsub(lower(name), "[^%w]", "")
  if secret_names[plain] then
    return true
  end
  for _, part in ipairs(secret_parts) do
    if find(plain, part, 1, true) then
      return true
    end
  end
  return false
end

-- The same names occur again and again: remember the answers, up to a limit.
local answers, answer_count = {}, 0

local function is_secret_name(name)
  if #name > 100 then
    return indicates_secret(name)
  end
  local answer = answers[name]
  if answer == nil then
    if answer_count >= 2000 then
      answers, answer_count = {}, 0
    end
    answer = indicates_secret(name)
    answers[name] = answer
    answer_count = answer_count + 1
  end
  return answer
end

-- splice replaces parts of a string: add(first, last, new) from left to right, then result().
local function splice(s)
  local pieces, copied = {}, 1
  local function add(first, last, new)
    pieces[#pieces + 1] = sub(s, copied, first - 1)
    pieces[#pieces + 1] = new
    copied = last + 1
  end
  local function result()
    if copied == 1 then
      return s
    end
    pieces[#pieces + 1] = sub(s, copied)
    return concat(pieces)
  end
  return add, result
end

-- last_at returns the position of the last @ from first to last, or nil.
local function last_at(s, first, last)
  for i = last, first, -1 do
    if byte(s, i) == 64 then
      return i
    end
  end
  return nil
end

-- run_end returns the position of the last character of the run that begins at first, first - 1 if there is none.
local function run_end(s, first, run)
  return first + #match(s, run, first) - 1
end

-- redact_private_keys hides the content of PEM blocks.
local function redact_private_keys(s)
  local begin, after = find(s, "-----BEGIN ", 1, true)
  if not begin then
    return s
  end
  local add, result = splice(s)
  while begin do
    local _, header = find(sub(s, after, after + 40), "PRIVATE KEY-----", 1, true)
    if header then
      local first = after + header
      local last = (find(s, "-----END ", first, true) or #s + 1) - 1
      if last >= first then
        add(first, last, SECRET)
        after = last
      end
    end
    begin, after = find(s, "-----BEGIN ", after, true)
  end
  return result()
end

local web = { http = true, https = true, ws = true, wss = true }

-- is_web reports whether the scheme before a colon is one of the web.
local function is_web(s, colon)
  local first = colon
  while first > 1 and colon - first < 6 and find(sub(s, first - 1, first - 1), "[%w+.%-]") do
    first = first - 1
  end
  return web[lower(sub(s, first, colon - 1))] == true
end

-- is_host reports whether the part of a URL between :// and the path is a host, as a whole or up to the punctuation
-- that follows it in a sentence. Only an IPv6 address may have a port: localhost:8065 may be a user with a password.
local function is_host(authority)
  local last
  if byte(authority, 1) == 91 then
    last = run_end(authority, 2, "^[%x:.]*") + 1
    if byte(authority, last) ~= 93 then
      return false
    end
    if byte(authority, last + 1) == 58 then
      last = run_end(authority, last + 2, "^[%d]*")
    end
  else
    last = run_end(authority, 1, "^[%w._%-]*")
  end
  local after = sub(authority, last + 1, last + 1)
  return after == "" or find(after, "[\"'`,;)>}%]\\]") ~= nil
end

-- redact_urls hides the user and the password of URLs. A password that was not encoded may contain any character, also
-- @, / and spaces, and elastic:2024 may be a user with the beginning of a password or a host with a port. So if there
-- is a colon, everything is hidden up to the last @ in the same line, near enough and before the next URL. If there is
-- none, web URLs that begin with a host are kept: Mattermost's own have an @ in their path (/team/messages/@name).
local function redact_urls(s)
  local colon = find(s, "://", 1, true)
  if not colon then
    return s
  end
  local add, result = splice(s)
  local word_end, at = 0, nil -- of the word that contains the URL: its end and its last @
  local searched, beyond = false, nil -- the last @ after the word; searched once per word
  while colon do
    local first = colon + 3
    if first > word_end then
      word_end = (find(s, "[%s]", first) or #s + 1) - 1
      at = last_at(s, first, word_end)
      searched, beyond = false, nil
    end
    local stop = at and at >= first and at or nil
    local authority = sub(s, first, (find(s, "[/?#%s]", first) or #s + 1) - 1)
    local has_user = find(authority, "@", 1, true) ~= nil
    local has_colon = find(authority, ":", 1, true) ~= nil
    if has_colon and (has_user or not is_host(authority)) then
      if not searched then
        local window = sub(s, word_end + 1, word_end + MAX_SPACED)
        window = sub(window, 1, (find(window, "[\r\n]") or #window + 1) - 1)
        window = sub(window, 1, (find(window, "://", 1, true) or #window + 1) - 1)
        beyond = last_at(window, 1, #window)
        beyond = beyond and word_end + beyond
        searched = true
      end
      stop = beyond or stop
    elseif not has_user and (has_colon or is_host(authority) or not is_web(s, colon)) then
      stop = nil
    end
    if stop then
      add(first, stop - 1, SECRET)
    end
    colon = find(s, "://", stop or first, true)
  end
  return result()
end

-- redact_drivers hides the user and the password of Go's MySQL driver, user:password@tcp(host:3306)/database.
local function redact_drivers(s)
  local at = find(s, "@", 1, true)
  if not at then
    return s
  end
  local add, result = splice(s)
  local floor = 1
  while at do
    local network = sub(s, at + 1, at + 5)
    if sub(network, 1, 4) == "tcp(" or network == "unix(" then
      local first = at
      while first > floor and not find(sub(s, first - 1, first - 1), "[%s]") do
        first = first - 1
      end
      if first < at then
        add(first, at - 1, SECRET)
      end
      floor = at
    end
    at = find(s, "@", at + 1, true)
  end
  return result()
end

-- redact_hooks hides what follows in the path of a webhook: with it anyone can post. Mattermost's are /hooks/<id> and
-- /api/v4/hooks/incoming/<id>; those of Slack and others are the targets of plugins.
local function redact_hooks(s)
  local _, last = find(s, "hooks", 1, true)
  if not last then
    return s
  end
  local function slash(position)
    if byte(s, position) == 47 then
      return position + 1
    elseif lower(sub(s, position, position + 2)) == "%2f" then
      return position + 3
    end
    return nil
  end
  local add, result = splice(s)
  while last do
    local host = ".slack.com"
    local first = slash(sub(s, last + 1, last + #host) == host and last + #host + 1 or last + 1)
    if first then
      local segment = sub(s, first, run_end(s, first, "^[%w_%-]*"))
      if segment == "incoming" or segment == "outgoing" or segment == "commands" then
        first = slash(first + #segment)
      end
    end
    if first then
      last = run_end(s, first, "^[%w_%-.~/%%]*")
      if last >= first then
        add(first, last, SECRET)
      end
    end
    _, last = find(s, "hooks", last + 1, true)
  end
  return result()
end

-- strings tracks the double-quoted strings in s, also those in other strings: "a \"b\" c". level(position) returns with
-- how many backslashes the innermost string was opened that contains the position, or nil. skip(position) continues
-- there. Positions never decrease.
local function strings(s)
  local levels, depth = {}, 0
  local position, quote = 1, find(s, '"', 1, true)
  local function level(limit)
    while quote and quote < limit do
      local before = quote - 1
      while before >= position and byte(s, before) == 92 do
        before = before - 1
      end
      local escapes = quote - 1 - before
      while depth > 0 and levels[depth] > escapes do
        depth = depth - 1
      end
      if depth > 0 and levels[depth] == escapes then
        depth = depth - 1
      else
        depth = depth + 1
        levels[depth] = escapes
      end
      position = quote + 1
      quote = find(s, '"', position, true)
    end
    return levels[depth]
  end
  local function skip(to)
    position = to
    if quote and quote < to then
      quote = find(s, '"', to, true)
    end
  end
  return level, skip
end

-- ends_value reports whether a quote that is followed by s[position] can be the end of an unencoded value: then at most
-- a few closing characters come before the next space.
local function ends_value(s, position)
  for i = position, position + 5 do
    local character = sub(s, i, i)
    if character == "" or find(character, "[%s]") then
      return true
    elseif not find(character, "[\"'`,;.)>}%]\\]") then
      return false
    end
  end
  return false
end

-- escapes_before counts the backslashes before a position, down to first.
local function escapes_before(s, position, first)
  local before = position - 1
  while before >= first and byte(s, before) == 92 do
    before = before - 1
  end
  return position - 1 - before
end

-- quoted_end returns the last character of a value in quotes that begins at first, and its closing quote. In JSON a
-- quote in the value has more backslashes before it than the quote that opened it. Elsewhere it may have none, so a
-- quote closes the value only if nothing but closing characters follows, or the end of the string that contains it.
local function quoted_end(s, first, quote, escapes, json, level)
  local from = first
  while true do
    local place = find(s, quote, from, true)
    if not place then
      return #s, #s
    end
    local count = escapes_before(s, place, from)
    if count <= escapes then
      if json or ends_value(s, place + 1) then
        return place - 1 - count, place
      end
      if level and (quote == "'" or escapes > level) then
        local slashes = 0
        while slashes <= level and byte(s, place + 1 + slashes) == 92 do
          slashes = slashes + 1
        end
        if slashes <= level and byte(s, place + 1 + slashes) == 34 then
          return place - 1 - count, place
        end
      end
    end
    from = place + 1
  end
end

-- unquoted_end returns the last character of a value without quotes. It ends at a space; in a query also before the
-- next parameter, and in a string before the end of that string. Otherwise & and quotes are a part of it.
local function unquoted_end(s, first, query, level)
  local from, class = first, "[%s\"&]"
  while true do
    local place = find(s, class, from)
    if not place then
      return #s
    end
    from = place + 1
    local found = byte(s, place)
    if found == 38 then
      if query then
        local name_end = run_end(s, from, "^[%w_.%-]*")
        if name_end >= from and byte(s, name_end + 1) == 61 then
          return place - 1
        end
        from = name_end + 1
      end
    elseif found == 34 then
      local count = level and escapes_before(s, place, first)
      if count and count <= level and (from > #s or find(sub(s, from, from), "[%s,}%]:)]")) then
        return place - 1 - count
      end
    else
      return place - 1
    end
  end
end

local schemes = {
  basic = true, bearer = true, digest = true, negotiate = true, ntlm = true, token = true, apikey = true,
}

-- after_scheme returns where the credentials begin in the value of an Authorization header, first if there is no
-- scheme.
local function after_scheme(s, first)
  local word = first
  if byte(s, word) == 91 then
    word = word + 1
  end
  local word_last = run_end(s, word, "^[%w%-]*")
  local spaces_last = run_end(s, word_last + 1, "^[ \t]*")
  if spaces_last > word_last and schemes[lower(sub(s, word, word_last))] then
    return spaces_last + 1
  end
  return first
end

-- separator_end returns the end of what separates a name that ends before position from its value, and whether the name
-- is in quotes; nil if no value follows.
local function separator_end(s, position)
  if byte(s, position) == 37 and find(sub(s, position, position + 2), "%3", 1, true) == 1 then
    return find(sub(s, position + 2, position + 2), "[AaDd]") and position + 2 or nil
  end
  local last = run_end(s, position, "^[\\]*")
  local quoted = false
  if find(sub(s, last + 1, last + 1), "[\"']") then
    last, quoted = last + 1, true
  end
  last = run_end(s, last + 1, "^[ \t]*")
  local separator = run_end(s, last + 1, "^[:=]*")
  if separator == last then
    return nil
  end
  if byte(s, separator + 1) == 62 then -- => in Ruby and in logs of plugins
    separator = separator + 1
  end
  return run_end(s, separator + 1, "^[ \t]*"), quoted
end

-- redact_assignments hides the value in strings such as token=..., "password": "...", secret: ..., and in those with =
-- or : encoded for a URL.
local function redact_assignments(s)
  if not find(s, "[=:]") and not find(s, "%3", 1, true) then
    return s
  end
  local add, result = splice(s)
  local level_at, skip_to = strings(s)
  local from = 1
  while true do
    local first = find(s, "[%w_%-]", from)
    if not first then
      return result()
    end
    local last = run_end(s, first, "^[%w_%-]*")
    from = last + 1
    local separator, json = separator_end(s, from)
    if separator then
      local name = sub(s, first, last)
      local query = first > 1 and find(sub(s, first - 1, first - 1), "[?&]") ~= nil
      if is_secret_name(name) or query and secret_parameters[lower(name)] then
        name = lower(name)
        local value = separator + 1
        local value_last, next_from
        local level = level_at(value)
        local content = run_end(s, value, "^[\\]*") + 1
        local quote = sub(s, content, content)
        if quote == '"' or quote == "'" then
          local escapes = content - value
          value = content + 1
          value_last, next_from = quoted_end(s, value, quote, escapes, json, level)
        else
          if find(name, "cookie", 1, true) and find(sub(s, from, from + 2), ":", 1, true) then
            value_last = (find(s, "[\r\n]", value) or #s + 1) - 1
          else
            local start = value
            if find(name, "authorization", 1, true) then
              start = after_scheme(s, value)
            end
            value_last = unquoted_end(s, start, query, level)
          end
          next_from = value_last
        end
        if value_last >= value then
          add(value, value_last, SECRET)
          from = next_from + 1
          skip_to(from)
        end
      end
    end
  end
end

-- redact_bearers hides the token after the word bearer.
local function redact_bearers(s)
  local at = find(s, "[Bb]")
  if not at then
    return s
  end
  local add, result = splice(s)
  while at do
    local last = at
    if lower(sub(s, at, at + 5)) == "bearer" then
      last = at + 5
      local spaces = run_end(s, last + 1, "^[ \t]*")
      local token = run_end(s, spaces + 1, "^[%w%-._~+/=]*")
      if spaces > last and token > spaces then
        add(spaces + 1, token, SECRET)
        last = token
      end
    end
    at = find(s, "[Bb]", last + 1)
  end
  return result()
end

local alphanumeric, local_part = {}, {}
for b = 0, 255 do
  alphanumeric[b] = (b >= 48 and b <= 57) or (b >= 65 and b <= 90) or (b >= 97 and b <= 122) or b >= 128
  -- . _ + - and %, the last for addresses that are encoded for a URL
  local_part[b] = alphanumeric[b] or b == 46 or b == 95 or b == 43 or b == 45 or b == 37
end

-- is_domain reports whether a name may be the domain of an e-mail address: without a dot it is not, nor if its last
-- label begins with a digit, as in a version (module@v1.2.3).
local function is_domain(name)
  if name == "localhost" then
    return true
  end
  local dot = #name
  while dot > 0 and byte(name, dot) ~= 46 do
    dot = dot - 1
  end
  return dot > 0 and find(sub(name, dot + 1, dot + 1), "[%a\128-\255]") ~= nil
end

-- redact_emails hides e-mail addresses, with @ or with %40 as in a URL.
local function redact_emails(s)
  local at = find(s, "[@%%]")
  if not at then
    return s
  end
  local add, result = splice(s)
  local floor = 1 -- no later address begins before this
  while at do
    local after = at + 1
    if byte(s, at) == 37 then
      after = sub(s, at, at + 2) == "%40" and at + 3 or nil
    end
    local from = at + 1
    if after then
      local first = at
      while first > floor do
        local b = byte(s, first - 1)
        -- o'brien, but not 'brien: there it is a quote
        local apostrophe = b == 39 and first < at and first - 1 > floor and alphanumeric[byte(s, first - 2)]
        if not local_part[b] and not apostrophe then
          break
        end
        first = first - 1
      end
      floor, from = after, after
      local last = run_end(s, after, "^[%w\128-\255.%-]*")
      if first < at then
        while last >= after and find(sub(s, last, last), "[.%-]") do
          last = last - 1
        end
        if last >= after and is_domain(sub(s, after, last)) then
          add(first, last, EMAIL)
          from = last + 1
          floor = from
        end
      end
    end
    at = find(s, "[@%%]", from)
  end
  return result()
end

local function redact_string(s)
  s = redact_hooks(redact_drivers(redact_urls(redact_private_keys(s))))
  return redact_emails(redact_bearers(redact_assignments(s)))
end

-- An audit record must keep who did something.
local audit_actor = { user_id = true, session_id = true, ip_address = true }

-- The states of an incoming webhook in an audit record contain its id.
local webhook_states = { prior_state = true, resulting_state = true }

local redact_table

-- redact_value returns what replaces a value. inside_secret: its name, or that of a table around it, indicates a
-- secret. A boolean with such a name (token_valid) is not secret.
local function redact_value(value, inside_secret, depth, keep)
  local kind = type(value)
  if kind == "table" then
    if depth > MAX_DEPTH then
      return SECRET
    end
    redact_table(value, inside_secret, depth, keep)
  elseif kind == "string" and value ~= "" then
    return inside_secret and SECRET or redact_string(value)
  elseif kind == "number" and inside_secret then
    return SECRET
  end
  return value
end

-- rename gives fields new names, which may be equal, or exist already: those are numbered. Each name continues with its
-- own last number, so that many equal names take no more than one step each.
local function rename(t, fields, names)
  local values, numbers = {}, {}
  for i, field in ipairs(fields) do
    values[i] = t[field]
    t[field] = nil
  end
  for i, name in ipairs(names) do
    local number = numbers[name] or 1
    local unique = number == 1 and name or name .. " " .. number
    while t[unique] ~= nil do
      number = number + 1
      unique = name .. " " .. number
    end
    t[unique] = values[i]
    numbers[name] = number + 1
  end
end

-- redact_table changes the table in place.
function redact_table(t, inside_secret, depth, keep)
  local fields, names
  local of_webhook = t.object_type == "incoming_webhook"
  for key, value in pairs(t) do
    local named = type(key) == "string"
    -- The metadata of the pod never comes from Mattermost, and outputs route by it.
    local skip = (depth == 0 and key == "kubernetes") or (keep and keep[key])
    if not skip then
      if of_webhook and webhook_states[key] and type(value) == "table" and value.id ~= nil then
        value.id = SECRET
      end
      local keep_inside = depth == 0 and key == "actor" and audit_actor or nil
      t[key] = redact_value(value, inside_secret or (named and is_secret_name(key)), depth + 1, keep_inside)
      local name = named and redact_string(key) or key
      if name ~= key then
        -- A field cannot be added to a table while it is traversed.
        fields, names = fields or {}, names or {}
        fields[#fields + 1] = key
        names[#names + 1] = name
      end
    end
  end
  if fields then
    rename(t, fields, names)
  end
end

-- redact_secrets is the function that the lua filter calls. 2: the record is replaced, its time is not. 0, "not
-- changed", is never returned: a line may contain a field twice. Fluent Bit keeps both, this function gets the last one
-- only, and the other would go on to every output that does not convert to JSON.
--
-- On an error Fluent Bit would send a whole chunk of records on unredacted, so there never is one.
function redact_secrets(tag, timestamp, record)
  if not pcall(redact_table, record, false, 0, nil) then
    return 2, timestamp, {
      msg = "the record is withheld: redacting it failed",
      severity = record.severity,
      log_type = record.log_type,
      kubernetes = record.kubernetes,
    }
  end
  return 2, timestamp, record
end
