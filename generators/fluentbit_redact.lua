-- Takes secrets and e-mail addresses out of the log records of a Mattermost server. Fluent Bit's lua filter calls
-- redact_secrets for every record. Lua 5.1, no libraries: Fluent Bit runs it in LuaJIT.
--
-- Where it cannot tell a secret from something harmless, it hides too much rather than too little.
-- Everything here takes time in proportion to the length of the text. A pattern that may begin with a long run, such as
-- "%w+@", does not: it is tried again at every letter of the run. Hence the searches for fixed texts.

local SECRET = "[REDACTED]"
local EMAIL = "[EMAIL]"

-- Records are not nested deeper than this; what is, is hidden unread.
local MAX_DEPTH = 24

local byte, find, lower, match, sub = string.byte, string.find, string.lower, string.match, string.sub
local gsub, concat = string.gsub, table.concat

-- A name holds a secret if it contains one of these. Names are compared in lower case and without punctuation, so
-- that api_key, Api-Key and apiKey are one.
local secret_parts = {
  "passw", "passphrase", "secret", "token", "authorization", "cookie", "csrf", "credential", "datasource",
  "connectionstring", "apikey", "accesskey", "privatekey", "signingkey", "encryptkey", "encryptionkey",
}

-- Names too short or too common to look for inside others.
local secret_names = {
  pwd = true, dsn = true, otp = true, jwt = true, mfacode = true, sig = true, signature = true, xamzsignature = true,
}

local function says_secret(name)
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

-- The same names come again and again: remember the answers, but not without end.
local answers, answer_count = {}, 0

local function is_secret_name(name)
  if #name > 100 then
    return says_secret(name)
  end
  local answer = answers[name]
  if answer == nil then
    if answer_count >= 2000 then
      answers, answer_count = {}, 0
    end
    answer = says_secret(name)
    answers[name] = answer
    answer_count = answer_count + 1
  end
  return answer
end

-- splice puts replacements into a text: add(first, last, new) from left to right, then text().
local function splice(s)
  local pieces, copied = {}, 1
  local function add(first, last, new)
    pieces[#pieces + 1] = sub(s, copied, first - 1)
    pieces[#pieces + 1] = new
    copied = last + 1
  end
  local function text()
    if copied == 1 then
      return s
    end
    pieces[#pieces + 1] = sub(s, copied)
    return concat(pieces)
  end
  return add, text
end

-- last_at gives the place of the last @ from first to last, or nil.
local function last_at(s, first, last)
  for i = last, first, -1 do
    if byte(s, i) == 64 then
      return i
    end
  end
  return nil
end

local web = { http = true, https = true, ws = true, wss = true }

-- is_host tells whether the part of a URL between :// and the path is a host with or without a port, as a whole or
-- up to the punctuation that follows it in a sentence.
local function is_host(authority)
  local rest = match(authority, "^%[[%x:.]+%](.*)$") or match(authority, "^[%w._%-]*(.*)$")
  local port, after = match(rest, "^:(%d+)(.*)$")
  if port then
    if #port > 5 then
      return false
    end
    rest = after
  end
  return rest == "" or find(rest, "^[\"'`,;)>}%]\\]") ~= nil or rest == ":"
end

-- URLs: what stands before the host. A password that was not encoded may hold any character, an @ or a / too, so
-- everything goes up to the last @ before a blank. The addresses of the web are an exception as long as they begin
-- with a proper host: Mattermost's own have an @ in their path (/team/messages/@name).
local function redact_urls(s)
  local colon, slash = find(s, "://", 1, true)
  if not colon then
    return s
  end
  local add, text = splice(s)
  local word_end, at = 0, nil -- of the word that is being looked at: its end and its last @
  while colon do
    local first = slash + 1
    if first > word_end then
      word_end = (find(s, "%s", first) or #s + 1) - 1
      at = last_at(s, first, word_end)
    end
    local next_search = first
    local authority_end = (find(s, "[/?#%s]", first) or #s + 1) - 1
    local authority = sub(s, first, authority_end)
    local stop = nil
    if at and at >= first then
      local scheme = lower(match(sub(s, colon < 9 and 1 or colon - 8, colon - 1), "[%w+.%-]*$"))
      local harmless
      if find(authority, "@", 1, true) then
        harmless = false
      elseif web[scheme] then
        harmless = is_host(authority)
      else
        harmless = not find(authority, ":", 1, true)
      end
      if not harmless then
        stop = at
      end
    elseif find(authority, ":", 1, true) and not is_host(authority) then
      -- A password with a blank in it: such an address is malformed, and an error quotes it for that very reason.
      local further = find(sub(s, word_end + 1, word_end + 256), "[@\r\n]")
      if further and byte(s, word_end + further) ~= 64 then
        further = nil
      end
      if further then
        local rest_end = (find(s, "%s", word_end + further) or #s + 1) - 1
        stop = last_at(s, word_end + further, rest_end)
        word_end, at = rest_end, nil
      end
    end
    if stop then
      add(first, stop - 1, SECRET)
      next_search = stop
    elseif not at and word_end >= first then
      -- No @ to come in this word, so nothing to hide in it either.
      next_search = word_end + 1
    end
    colon, slash = find(s, "://", next_search, true)
  end
  return text()
end

local schemes = { basic = true, bearer = true, digest = true, negotiate = true, ntlm = true, token = true, apikey = true }

-- value_end finds where the value ends that begins at first. Quoted values end at their quote. Others end at a blank;
-- an & ends them only if another parameter follows, a quote only if it closes a JSON string: both may be part of a
-- password.
local function value_end(s, first, header)
  local escapes, quote = match(s, "^(\\*)([\"'])", first)
  if quote then
    local content = first + #escapes + 1
    local from = content
    while true do
      local place = find(s, quote, from, true)
      if not place then
        return content, #s, #s
      end
      -- A quote inside the value has more backslashes before it than the one that opened it.
      local before = place - 1
      while before >= from and byte(s, before) == 92 do
        before = before - 1
      end
      if place - 1 - before <= #escapes then
        return content, before, place
      end
      from = place + 1
    end
  end
  if header == "cookie" then
    local last = (find(s, "[\r\n]", first) or #s + 1) - 1
    return first, last, last
  end
  local from = first
  if header == "authorization" then
    local bracket, scheme, blanks = match(s, "^(%[?)(%a[%w%-]*)([ \t]+)", first)
    if scheme and schemes[lower(scheme)] then
      from = first + #bracket + #scheme + #blanks
    end
  end
  local last = (find(s, "%s", from) or #s + 1) - 1
  local word = sub(s, from, last)
  local parameter = find(word, "&[%w_.%-]+=")
  local closing = find(word, "\"[,}%]:)]") or find(word, "\"$")
  if parameter and not (closing and closing < parameter) then
    last = from + parameter - 2
  elseif closing then
    last = from + closing - 2
    while last >= from and byte(s, last) == 92 do
      last = last - 1
    end
  end
  return first, last, last
end

-- Text such as token=..., "password": "...", secret: ..., and the same with = or : encoded for a URL.
local function redact_assignments(s)
  if not find(s, "[=:]") and not find(s, "%3", 1, true) then
    return s
  end
  local add, text = splice(s)
  local from = 1
  while true do
    local first, last = find(s, "[%w_%-]+", from)
    if not first then
      return text()
    end
    from = last + 1
    local _, separator = find(s, "^\\*[\"']?[ \t]*[:=]+>?[ \t]*", from)
    if not separator then
      _, separator = find(s, "^%%3[AaDd]", from)
    end
    if separator then
      local name = sub(s, first, last)
      if is_secret_name(name) then
        local header = nil
        name = lower(name)
        if find(name, "authorization", 1, true) then
          header = "authorization"
        elseif find(name, "cookie", 1, true) and find(sub(s, from, separator), ":", 1, true) then
          header = "cookie"
        end
        local value_first, value_last, next_from = value_end(s, separator + 1, header)
        if value_last >= value_first then
          add(value_first, value_last, SECRET)
          from = next_from + 1
        end
      end
    end
  end
end

local function redact_bearers(s)
  local first, last = find(s, "[Bb][Ee][Aa][Rr][Ee][Rr][ \t]+")
  if not first then
    return s
  end
  local add, text = splice(s)
  while first do
    local _, token_last = find(s, "^[%w%-._~+/=]+", last + 1)
    if token_last then
      add(last + 1, token_last, SECRET)
      last = token_last
    end
    first, last = find(s, "[Bb][Ee][Aa][Rr][Ee][Rr][ \t]+", last + 1)
  end
  return text()
end

local alphanumeric, local_part = {}, {}
for b = 0, 255 do
  alphanumeric[b] = (b >= 48 and b <= 57) or (b >= 65 and b <= 90) or (b >= 97 and b <= 122) or b >= 128
  -- . _ + - and %, the last for addresses that are encoded for a URL
  local_part[b] = alphanumeric[b] or b == 46 or b == 95 or b == 43 or b == 45 or b == 37
end

-- E-mail addresses, with @ or with %40 as in a URL. A name without a dot is no domain, and one whose last label begins
-- with a digit is a version (module@v1.2.3).
local function redact_emails(s)
  local at = find(s, "[@%%]")
  if not at then
    return s
  end
  local add, text = splice(s)
  local floor = 1 -- nothing before this belongs to an address that is still to come
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
      local domain = match(s, "^[%w\128-\255.%-]+", after)
      if domain and first < at then
        local length = #domain
        while length > 0 and (byte(domain, length) == 46 or byte(domain, length) == 45) do
          length = length - 1
        end
        domain = sub(domain, 1, length)
        if domain == "localhost" or find(domain, "%.[%a\128-\255][%w\128-\255%-]*$") then
          add(first, after + #domain - 1, EMAIL)
          from = after + #domain
          floor = from
        end
      end
    end
    at = find(s, "[@%%]", from)
  end
  return text()
end

local function redact_text(s)
  return redact_emails(redact_bearers(redact_assignments(redact_urls(s))))
end

-- Who did something is what an audit record is for.
local audit_actor = { user_id = true, session_id = true, ip_address = true }

local redact_table

-- redact_value gives the value to keep instead of this one. inside_secret: the name of the value, or of a table around
-- it, says secret. A yes or no under such a name (token_valid) is no secret.
local function redact_value(value, inside_secret, depth, keep)
  local kind = type(value)
  if kind == "table" then
    if depth > MAX_DEPTH then
      return SECRET, true
    end
    return value, redact_table(value, inside_secret, depth, keep)
  elseif kind == "string" then
    if value == "" then
      return value, false
    end
    local new = inside_secret and SECRET or redact_text(value)
    return new, new ~= value
  elseif kind == "number" and inside_secret then
    return SECRET, true
  end
  return value, false
end

-- redact_table changes the table in place and says whether it did.
function redact_table(t, inside_secret, depth, keep)
  local changed, renamed = false, nil
  for key, value in pairs(t) do
    local named = type(key) == "string"
    -- What Kubernetes says of the pod never comes from Mattermost, and outputs route by it.
    local skip = (depth == 0 and key == "kubernetes") or (keep and keep[key])
    if not skip then
      local keep_inside = depth == 0 and key == "actor" and audit_actor or nil
      local new, different = redact_value(value, inside_secret or (named and is_secret_name(key)), depth + 1, keep_inside)
      if different then
        t[key] = new
        changed = true
      end
      if named then
        local new_key = redact_text(key)
        if new_key ~= key then
          renamed = renamed or {}
          renamed[#renamed + 1] = key
        end
      end
    end
  end
  -- A field cannot be added to a table while it is walked through.
  for _, key in ipairs(renamed or {}) do
    local value = t[key]
    t[key] = nil
    local new_key, number = redact_text(key), 1
    while t[new_key] ~= nil do
      number = number + 1
      new_key = redact_text(key) .. " " .. number
    end
    t[new_key] = value
    changed = true
  end
  return changed
end

-- redact_secrets is what the lua filter calls. 0: the record stays as it is. 2: the record is changed, its time is not.
-- Fluent Bit would send a whole chunk of records on unredacted if this raised an error, so it never does.
function redact_secrets(tag, timestamp, record)
  local ok, changed = pcall(redact_table, record, false, 0, nil)
  if not ok then
    return 2, timestamp, {
      msg = "the record is withheld: redacting it failed",
      severity = record.severity,
      log_type = record.log_type,
      kubernetes = record.kubernetes,
    }
  end
  if changed then
    return 2, timestamp, record
  end
  return 0, timestamp, record
end
