/**
 * The hand-written part of the Wireshark dissector, first half: preferences, fields, and Lua that walks bodies along the
 * tables `wireshark-dissector.ts` puts before it. `wireshark-messages.ts` is the second half.
 *
 * Text only. It uses what Wireshark's Lua has from 3.6 on, whether that is Lua 5.2 or 5.4: no bit library, no integer
 * division. The tables it expects: TOKEN, CLIENT_TYPE_MAX, DEPTH_MAX, SERVER_ID, ENUMS, CONTRACTS, MESSAGES, SIMPLE, DEFAULTS.
 */
export const wiresharkBodies = String.raw`
local esf = Proto("esf", "ESFramework")

esf.prefs.user_id_bytes_max = Pref.uint("Maximum UserID length N", DEFAULTS.user_id_bytes_max, "Bytes, 1 to 255; both ends must agree")
esf.prefs.message_bytes_max = Pref.uint("Maximum message length", DEFAULTS.message_bytes_max, "Bytes, header included")
esf.prefs.port = Pref.uint("TCP port", DEFAULTS.port, "Port that is taken for ESFramework without further evidence")
esf.prefs.heuristic = Pref.bool("Recognise by header", true, "Take other ports for ESFramework when the first bytes look like a header")

-- Fields -----------------------------------------------------------------------------------------------------------

local all_fields = {}

local function field(make, ...)
  local made = make(...)
  all_fields[#all_fields + 1] = made
  return made
end

local message_names = {}
for number, message in pairs(MESSAGES) do message_names[number] = message.name end

local f = {
  start_token = field(ProtoField.uint8, "esf.start_token", "Start token", base.HEX),
  client_type = field(ProtoField.uint8, "esf.client_type", "Client type", base.DEC, ENUMS.ClientType),
  message_type = field(ProtoField.uint16, "esf.message_type", "Message type", base.DEC, message_names),
  body_length = field(ProtoField.int32, "esf.body_length", "Body length"),
  message_id = field(ProtoField.int32, "esf.message_id", "Message id"),
  source_length = field(ProtoField.uint8, "esf.source_length", "Sender length"),
  source = field(ProtoField.string, "esf.source", "Sender"),
  dest_length = field(ProtoField.uint8, "esf.dest_length", "Destination length"),
  dest = field(ProtoField.string, "esf.dest", "Destination"),
  padding = field(ProtoField.bytes, "esf.padding", "Padding"),
  body = field(ProtoField.bytes, "esf.body", "Body"),
  length = field(ProtoField.int32, "esf.length", "Length"),
  count = field(ProtoField.int32, "esf.count", "Count"),
  is_null = field(ProtoField.bool, "esf.is_null", "Null"),
  is_gif = field(ProtoField.bool, "esf.is_gif", "IsGif"),
}

local make_simple = {
  bool = ProtoField.bool, byte = ProtoField.uint8, int16 = ProtoField.int16, int32 = ProtoField.int32,
  int64 = ProtoField.int64, float32 = ProtoField.float, float64 = ProtoField.double, string = ProtoField.string,
  bytes = ProtoField.bytes, image = ProtoField.bytes,
}

-- The fields of one place: its own, and for lists and dictionaries those of what is inside.
local function make_fields(abbr, name, kind)
  if kind == "font" then kind = { object = "SimpleFont" } end
  if kind == "dateTime" then return { own = field(ProtoField.absolute_time, abbr, name, base.UTC) } end
  if kind == "color" then return { own = field(ProtoField.uint24, abbr, name, base.HEX) } end
  if type(kind) == "string" then return { own = field(make_simple[kind], abbr, name) } end
  if kind.enum then return { own = field(ProtoField.int32, abbr, name, base.DEC, ENUMS[kind.enum]) } end
  local fields = { own = field(ProtoField.none, abbr, name) }
  if kind.list then fields.item = make_fields(abbr .. ".item", "Item", kind.list) end
  if kind.dict then
    fields.key = make_fields(abbr .. ".key", "Key", kind.dict[1])
    fields.value = make_fields(abbr .. ".value", "Value", kind.dict[2])
  end
  return fields
end

for name, contract in pairs(CONTRACTS) do
  contract.own = { own = field(ProtoField.none, "esf." .. name, name) }
  for _, property in ipairs(contract) do
    property.fields = make_fields("esf." .. name .. "." .. property[1], property[1], property[2])
  end
end

esf.fields = all_fields

local function malformed(name, text)
  return ProtoExpert.new("esf.expert." .. name, text, expert.group.MALFORMED, expert.severity.ERROR)
end

local e = {
  InvalidToken = malformed("invalid_token", "InvalidToken"),
  InvalidClientType = malformed("invalid_client_type", "InvalidClientType"),
  InvalidHeader = malformed("invalid_header", "InvalidHeader"),
  MessageSizeOverflow = malformed("message_size_overflow", "MessageSizeOverflow"),
  DataLacked = malformed("data_lacked", "DataLacked"),
  note = ProtoExpert.new("esf.expert.note", "Unusual", expert.group.PROTOCOL, expert.severity.NOTE),
  unknown = ProtoExpert.new("esf.expert.unknown_type", "Unknown message type", expert.group.UNDECODED, expert.severity.NOTE),
}
esf.experts = { e.InvalidToken, e.InvalidClientType, e.InvalidHeader, e.MessageSizeOverflow, e.DataLacked, e.note, e.unknown }

-- Text -------------------------------------------------------------------------------------------------------------

-- Whether a Lua string is UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF (SER-011).
local function is_utf8(text)
  local i, size = 1, #text
  while i <= size do
    local first = text:byte(i)
    local more, low, high = 0, 0x80, 0xBF
    if first >= 0x80 then
      if first >= 0xC2 and first <= 0xDF then more = 1
      elseif first >= 0xE0 and first <= 0xEF then
        more = 2
        if first == 0xE0 then low = 0xA0 elseif first == 0xED then high = 0x9F end
      elseif first >= 0xF0 and first <= 0xF4 then
        more = 3
        if first == 0xF0 then low = 0x90 elseif first == 0xF4 then high = 0x8F end
      else return false end
    end
    if i + more > size then return false end
    for k = 1, more do
      local byte = text:byte(i + k)
      if byte < low or byte > high then return false end
      low, high = 0x80, 0xBF
    end
    i = i + 1 + more
  end
  return true
end

-- Bodies -----------------------------------------------------------------------------------------------------------

local STOP = {}
-- What a fault of the body at hand is: DataLacked, or a note where the type is reserved and nobody reads it (FRM-008).
local fault = e.DataLacked

-- Marks what is wrong and leaves the body; dissect_body catches it.
local function bad(tree, clause, text)
  tree:add_proto_expert_info(fault, "DataLacked: " .. text .. " (" .. clause .. ")")
  error(STOP, 0)
end

local function need(tree, bytes, pos, stop)
  if stop - pos < bytes then bad(tree, "SER-016", "needs " .. bytes .. " bytes, " .. (stop - pos) .. " are left") end
end

-- A length or count: -1 is null; otherwise that many things of at least bytes_each must be left.
local function prefix(what, clause, bytes_each, extra, tvb, pos, stop, tree)
  need(tree, 4, pos, stop)
  local value = tvb(pos, 4):le_int()
  if value < -1 then bad(tree, clause, what .. " " .. value .. " is below -1") end
  if value >= 0 and value * bytes_each + extra > stop - pos - 4 then
    bad(tree, clause, what .. " " .. value .. " does not fit, " .. (stop - pos - 4) .. " bytes are left")
  end
  return value
end

local walk

local fixed = {
  bool = function(field_, tvb, pos, tree)
    local item = tree:add(field_, tvb(pos, 1))
    if tvb(pos, 1):uint() > 1 then bad(item, "SER-005", "bool byte is " .. tvb(pos, 1):uint()) end
  end,
  dateTime = function(field_, tvb, pos, tree)
    local ticks = tvb(pos, 8):le_int64() - Int64.new(0xF7B58000, 0x089F7FF5) -- 621355968000000000: 1970-01-01
    local per_second = Int64.new(10000000)
    local seconds, rest = ticks / per_second, ticks % per_second
    tree:add(field_, tvb(pos, 8), NSTime.new(seconds:tonumber(), rest:tonumber() * 100))
  end,
  color = function(field_, tvb, pos, tree) tree:add(field_, tvb(pos, 3)) end,
}

local function walk_null(field_, tvb, pos, tree)
  local item = tree:add(field_, tvb(pos, 4))
  item:append_text(" null")
  item:add(f.is_null, tvb(pos, 4), true):set_generated()
  return pos + 4
end

local function walk_string(field_, tvb, pos, stop, tree)
  local size = prefix("string length", "SER-010", 1, 0, tvb, pos, stop, tree)
  if size == -1 then
    local item = tree:add(field_, tvb(pos, 4), "")
    item:append_text("(null)")
    item:add(f.is_null, tvb(pos, 4), true):set_generated()
    return pos + 4
  end
  local item
  if size == 0 then item = tree:add(field_, tvb(pos, 4), "")
  else item = tree:add(field_, tvb(pos + 4, size), tvb(pos + 4, size):string(ENC_UTF_8)) end
  item:add_le(f.length, tvb(pos, 4))
  if size > 0 and not is_utf8(tvb(pos + 4, size):raw()) then bad(item, "SER-011", "the text is not UTF-8") end
  return pos + 4 + size
end

local function walk_bytes(field_, tvb, pos, stop, tree)
  local size = prefix("byte length", "SER-012", 1, 0, tvb, pos, stop, tree)
  if size == -1 then return walk_null(field_, tvb, pos, tree) end
  local item = size == 0 and tree:add(field_, tvb(pos, 4), "") or tree:add(field_, tvb(pos + 4, size))
  item:add_le(f.length, tvb(pos, 4))
  return pos + 4 + size
end

local function walk_image(field_, tvb, pos, stop, tree)
  local size = prefix("image length", "SER-022", 1, 1, tvb, pos, stop, tree)
  if size == -1 then return walk_null(field_, tvb, pos, tree) end
  local item = size == 0 and tree:add(field_, tvb(pos, 5), "") or tree:add(field_, tvb(pos + 5, size))
  item:add_le(f.length, tvb(pos, 4))
  fixed.bool(f.is_gif, tvb, pos + 4, item)
  return pos + 5 + size
end

local function bytes_min(kind)
  return type(kind) == "string" and SIMPLE[kind].bytes_min or 4
end

local function too_deep(tree, depth)
  if depth > DEPTH_MAX then bad(tree, "SER-023", "nested deeper than " .. DEPTH_MAX) end
end

local function walk_list(fields, kind, tvb, pos, stop, tree, depth)
  local count = prefix("list count", "SER-013", bytes_min(kind), 0, tvb, pos, stop, tree)
  if count == -1 then return walk_null(fields.own, tvb, pos, tree) end
  local item = tree:add(fields.own, tvb(pos, 4))
  item:append_text(": " .. count)
  item:add_le(f.count, tvb(pos, 4))
  too_deep(item, depth)
  local at = pos + 4
  for _ = 1, count do at = walk(fields.item, kind, tvb, at, stop, item, depth + 1) end
  item:set_len(at - pos)
  return at
end

local function walk_dict(fields, kind, tvb, pos, stop, tree, depth)
  local each = bytes_min(kind[1]) + bytes_min(kind[2])
  local count = prefix("dictionary count", "SER-014", each, 0, tvb, pos, stop, tree)
  if count == -1 then return walk_null(fields.own, tvb, pos, tree) end
  local item = tree:add(fields.own, tvb(pos, 4))
  item:append_text(": " .. count)
  item:add_le(f.count, tvb(pos, 4))
  too_deep(item, depth)
  local at, seen = pos + 4, {}
  for _ = 1, count do
    local from = at
    at = walk(fields.key, kind[1], tvb, at, stop, item, depth + 1)
    if kind[1] == "string" and tvb(from, 4):le_int() == -1 then bad(item, "SER-014", "a key is null") end
    local key = tvb(from, at - from):raw()
    if seen[key] then bad(item, "SER-014", "a key occurs twice") end
    seen[key] = true
    at = walk(fields.value, kind[2], tvb, at, stop, item, depth + 1)
  end
  item:set_len(at - pos)
  return at
end

local function walk_object(fields, name, tvb, pos, stop, tree, depth)
  need(tree, 4, pos, stop)
  local length = tvb(pos, 4):le_int()
  if length == -1 then return walk_null(fields.own, tvb, pos, tree) end
  if length < 4 then bad(tree, "SER-015", "object length is " .. length) end
  if length > stop - pos then bad(tree, "SER-016", "object length " .. length .. ", " .. (stop - pos) .. " bytes are left") end
  local item = tree:add(fields.own, tvb(pos, length))
  item:add_le(f.length, tvb(pos, 4))
  too_deep(item, depth)
  local at, inner = pos + 4, pos + length
  for _, property in ipairs(CONTRACTS[name]) do
    at = walk(property.fields, property[2], tvb, at, inner, item, depth + 1)
  end
  if at ~= inner then bad(item, "SER-016", "object length " .. length .. ", its properties take " .. (at - pos)) end
  return inner
end

walk = function(fields, kind, tvb, pos, stop, tree, depth)
  if kind == "font" then return walk_object(fields, "SimpleFont", tvb, pos, stop, tree, depth) end
  if kind == "string" then return walk_string(fields.own, tvb, pos, stop, tree) end
  if kind == "bytes" then return walk_bytes(fields.own, tvb, pos, stop, tree) end
  if kind == "image" then return walk_image(fields.own, tvb, pos, stop, tree) end
  if type(kind) == "string" then
    local size = SIMPLE[kind].bytes_min
    need(tree, size, pos, stop)
    if fixed[kind] then fixed[kind](fields.own, tvb, pos, tree) else tree:add_le(fields.own, tvb(pos, size)) end
    return pos + size
  end
  if kind.list then return walk_list(fields, kind.list, tvb, pos, stop, tree, depth) end
  if kind.dict then return walk_dict(fields, kind.dict, tvb, pos, stop, tree, depth) end
  if kind.object then return walk_object(fields, kind.object, tvb, pos, stop, tree, depth) end
  need(tree, 4, pos, stop)
  local item = tree:add_le(fields.own, tvb(pos, 4))
  if not ENUMS[kind.enum][tvb(pos, 4):le_int()] then
    item:add_proto_expert_info(e.note, "value is not defined by " .. kind.enum .. " (SER-008)")
  end
  return pos + 4
end

local function dissect_body(contract, tvb, pos, size, tree)
  local ok, failure = pcall(function()
    local after = walk_object(CONTRACTS[contract].own, contract, tvb, pos, pos + size, tree, 1)
    if after ~= pos + size then bad(tree, "SER-017", (pos + size - after) .. " bytes follow the value") end
  end)
  if not ok and failure ~= STOP then error(failure, 0) end
end
`;
