-- Wireshark dissector of hole punching and reliable UDP. Generated from spec/grammar; do not edit.
-- Use: tshark -X lua_script:esf-udp.lua -r capture.pcap [-d udp.port==5000,esfudp]

local esfudp = Proto("esfudp", "ESFramework datagram")
local VERSION = 1
local FIELDS = {
  message = ProtoField.bytes("esfudp.message", "message"),
  token = ProtoField.uint64("esfudp.token", "token"),
  number = ProtoField.uint32("esfudp.number", "number"),
  address = ProtoField.ipv4("esfudp.address", "address"),
  port = ProtoField.uint16("esfudp.port", "port"),
  version = ProtoField.uint8("esfudp.version", "version"),
  identity = ProtoField.uint32("esfudp.identity", "identity"),
  echo = ProtoField.uint32("esfudp.echo", "echo"),
  limit = ProtoField.uint64("esfudp.limit", "limit"),
  tag = ProtoField.uint32("esfudp.tag", "tag"),
  sequence = ProtoField.uint32("esfudp.sequence", "sequence"),
  chunk = ProtoField.bytes("esfudp.chunk", "chunk"),
  largest = ProtoField.uint32("esfudp.largest", "largest"),
  delayMicros = ProtoField.uint32("esfudp.delayMicros", "delayMicros"),
  before = ProtoField.uint32("esfudp.before", "before"),
  gap = ProtoField.uint16("esfudp.gap", "gap"),
  length = ProtoField.uint16("esfudp.length", "length"),
}
local KIND = ProtoField.string("esfudp.kind", "kind")
local all = { KIND }
for _, field in pairs(FIELDS) do all[#all + 1] = field end
esfudp.fields = all
local KINDS = {
  [1] = { name = "DiscoverRequest", fields = { { "message", 0, "message", false } } },
  [2] = { name = "DiscoverResponse", fields = { { "message", 0, "message", false } } },
  [16] = { name = "Probe", fields = { { "token", 8, "uint64", false }, { "number", 4, "uint32", false } } },
  [17] = { name = "ProbeAck", fields = { { "token", 8, "uint64", false }, { "number", 4, "uint32", false }, { "address", 4, "ipv4", false }, { "port", 2, "uint16", false } } },
  [64] = { name = "Syn", fields = { { "version", 1, "byte", false }, { "token", 8, "uint64", false }, { "identity", 4, "uint32", false }, { "echo", 4, "uint32", false }, { "limit", 6, "uint48", false } } },
  [65] = { name = "SynAck", fields = { { "version", 1, "byte", false }, { "token", 8, "uint64", false }, { "identity", 4, "uint32", false }, { "echo", 4, "uint32", false }, { "limit", 6, "uint48", false } } },
  [66] = { name = "Confirm", fields = { { "version", 1, "byte", false }, { "token", 8, "uint64", false }, { "identity", 4, "uint32", false }, { "echo", 4, "uint32", false }, { "limit", 6, "uint48", false } } },
  [67] = { name = "Data", fields = { { "tag", 4, "uint32", false }, { "number", 4, "uint32", false }, { "sequence", 4, "uint32", false }, { "chunk", 0, "bytes", false } } },
  [68] = { name = "Ack", fields = { { "tag", 4, "uint32", false }, { "largest", 4, "uint32", false }, { "delayMicros", 4, "uint32", false }, { "limit", 6, "uint48", false }, { "before", 4, "uint32", false }, { "gap", 2, "uint16", true }, { "length", 2, "uint16", true } } },
  [69] = { name = "Ping", fields = { { "tag", 4, "uint32", false }, { "number", 4, "uint32", false } } },
  [70] = { name = "Fin", fields = { { "tag", 4, "uint32", false }, { "number", 4, "uint32", false }, { "sequence", 4, "uint32", false } } },
  [71] = { name = "Abort", fields = { { "token", 8, "uint64", false }, { "tag", 4, "uint32", false } } },
}

-- Bytes that the datagram must have, and whether more may follow: the rest, or a repeated group.
local function shape(layout)
  local fixed, group, rest = 1, 0, false
  for _, field in ipairs(layout.fields) do
    if field[4] then group = group + field[2]
    elseif field[2] == 0 then rest = true
    else fixed = fixed + field[2] end
  end
  return fixed, group, rest
end

local function fits(buffer, layout)
  local fixed, group, rest = shape(layout)
  local length = buffer:len()
  if rest then return length > fixed end
  if group > 0 then return length >= fixed and (length - fixed) % group == 0 end
  return length == fixed
end

local function add(tree, buffer, at, field)
  local size = field[2]
  if size == 0 then size = buffer:len() - at end
  local range = buffer(at, size)
  if field[3] == "uint48" then tree:add(FIELDS[field[1]], range, range:le_uint64())
  elseif field[3] == "bytes" or field[3] == "message" or field[3] == "ipv4" then tree:add(FIELDS[field[1]], range)
  else tree:add_le(FIELDS[field[1]], range) end
  return at + size
end

function esfudp.dissector(buffer, pinfo, root)
  local layout = buffer:len() > 0 and KINDS[buffer(0, 1):uint()]
  if not layout or not fits(buffer, layout) then return 0 end
  pinfo.cols.protocol = "ESF-UDP"
  pinfo.cols.info = layout.name
  local tree = root:add(esfudp, buffer(), "ESFramework " .. layout.name)
  tree:add(KIND, buffer(0, 1), layout.name)
  local at = 1
  local group = {}
  for _, field in ipairs(layout.fields) do
    if field[4] then group[#group + 1] = field else at = add(tree, buffer, at, field) end
  end
  while #group > 0 and at < buffer:len() do
    for _, field in ipairs(group) do at = add(tree, buffer, at, field) end
  end
  return buffer:len()
end

-- Kinds below 0x40 are too common as first bytes to be taken without a port.
local function guess(buffer, pinfo, root)
  if buffer:len() < 9 then return false end
  local kind = buffer(0, 1):uint()
  local layout = kind >= 0x40 and KINDS[kind]
  if not layout or not fits(buffer, layout) then return false end
  if layout.fields[1][1] == "version" and buffer(1, 1):uint() ~= VERSION then return false end
  esfudp.dissector(buffer, pinfo, root)
  return true
end

esfudp:register_heuristic("udp", guess)
DissectorTable.get("udp.port"):add_for_decode_as(esfudp)
