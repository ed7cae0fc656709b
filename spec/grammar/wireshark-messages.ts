/**
 * The hand-written part of the Wireshark dissector, second half: headers, reassembly, which connections are ours.
 *
 * Text only; it stands after `wireshark-bodies.ts` in the same Lua file and uses its locals.
 */
export const wiresharkMessages = String.raw`
-- Messages ---------------------------------------------------------------------------------------------------------

local function dissect_id(tvb, pos, n, length_field, id_field, tree)
  local size = tvb(pos, 1):uint()
  local length_item = tree:add(length_field, tvb(pos, 1))
  if size > n then
    length_item:add_proto_expert_info(e.InvalidHeader, "InvalidHeader: id length " .. size .. " exceeds " .. n .. " (FRM-014)")
    return nil
  end
  local range = size > 0 and tvb(pos + 1, size) or tvb(pos, 1)
  local id = size > 0 and range:string(ENC_UTF_8) or ""
  local item = tree:add(id_field, range, id)
  if size > 0 and not is_utf8(range:raw()) then
    item:add_proto_expert_info(e.InvalidHeader, "InvalidHeader: the id is not UTF-8 (FRM-014)")
    return nil
  end
  if size < n then
    local rest = tvb(pos + 1 + size, n - size)
    local padding = tree:add(f.padding, rest)
    if rest:raw():find("[^%z]") then padding:add_proto_expert_info(e.note, "padding is not zero (FRM-015)") end
  end
  return id
end

-- Which contract the body has: a reply of the same type comes from the server.
local function body_contract(message, from_server)
  if message.has_reply and from_server and message.to_server then return message.reply, message.reply_optional end
  return message.body, message.body_optional
end

local function show_body(message, from_server, tvb, pos, size, tree)
  if not message then
    tree:add_proto_expert_info(e.unknown)
    if size > 0 then tree:add(f.body, tvb(pos, size)) end
    return
  end
  local contract, optional = body_contract(message, from_server)
  fault = message.reserved and e.note or e.DataLacked
  if message.reserved then tree:add_proto_expert_info(e.note, "reserved message type (FRM-030)") end
  if size == 0 then
    if contract and not optional then
      tree:add_proto_expert_info(fault, "DataLacked: the body is empty where " .. contract .. " is needed (FRM-028)")
    end
  elseif contract then
    dissect_body(contract, tvb, pos, size, tree)
  else
    tree:add(f.body, tvb(pos, size)):add_proto_expert_info(e.note, "a body where none is expected (FRM-023)")
  end
end

-- One message whose header is complete; size is header and body, or the header alone when the length cannot be true.
local function dissect_message(tvb, pos, n, size, pinfo, root, length_error)
  local header = 12 + 2 * (1 + n)
  local tree = root:add(esf, tvb(pos, size))
  tree:add(f.start_token, tvb(pos, 1))
  tree:add(f.client_type, tvb(pos + 1, 1))
  local number = tvb(pos + 2, 2):le_uint()
  local message = MESSAGES[number]
  tree:add_le(f.message_type, tvb(pos + 2, 2))
  local length_item = tree:add_le(f.body_length, tvb(pos + 4, 4))
  tree:add_le(f.message_id, tvb(pos + 8, 4))
  local source = dissect_id(tvb, pos + 12, n, f.source_length, f.source, tree)
  if not source then return false end
  local dest = dissect_id(tvb, pos + 13 + n, n, f.dest_length, f.dest, tree)
  if not dest then return false end
  if length_error then
    local text = length_error.kind .. ": " .. length_error.text
    length_item:add_proto_expert_info(e[length_error.kind], text)
    pinfo.cols.info:append("[" .. text .. "]  ")
    return false
  end
  local name = message and message.name or ("type " .. number)
  local summary = name .. " " .. source .. " > " .. (dest == "" and SERVER_ID or dest) .. " id=" .. tvb(pos + 8, 4):le_int()
  tree:append_text(", " .. summary)
  pinfo.cols.info:set(summary .. " len=" .. size .. "  ")
  pinfo.cols.info:fence()
  show_body(message, source == SERVER_ID, tvb, pos + header, size - header, tree)
  return true
end

local function length_error_of(body_length, header)
  if body_length < 0 then return { kind = "InvalidHeader", text = "body length " .. body_length .. " is negative (FRM-010)" } end
  if header + body_length > esf.prefs.message_bytes_max then
    local text = (header + body_length) .. " bytes announced, the limit is " .. esf.prefs.message_bytes_max .. " (LIM-006)"
    return { kind = "MessageSizeOverflow", text = text }
  end
  return nil
end

-- What is judged at the first and second byte, before the header is complete (FRM-020).
local function early_error(tvb, pos, left)
  if tvb(pos, 1):uint() ~= TOKEN then
    return { kind = "InvalidToken", field = f.start_token, range = tvb(pos, 1), text = "InvalidToken (FRM-004)" }
  end
  if left >= 2 and tvb(pos + 1, 1):uint() > CLIENT_TYPE_MAX then
    return { kind = "InvalidClientType", field = f.client_type, range = tvb(pos + 1, 1), text = "InvalidClientType (FRM-006)" }
  end
  return nil
end

function esf.dissector(tvb, pinfo, root)
  local total = tvb:len()
  if total == 0 or tvb:reported_length_remaining() > total then return 0 end
  local n = esf.prefs.user_id_bytes_max
  local header = 12 + 2 * (1 + n)
  pinfo.cols.protocol = "ESF"
  local pos = 0
  while pos < total do
    local left = total - pos
    local early = early_error(tvb, pos, left)
    if early then
      local tree = root:add(esf, tvb(pos, left))
      tree:add(early.field, early.range):add_proto_expert_info(e[early.kind], early.text)
      pinfo.cols.info:append("[" .. early.text .. "]  ")
      pinfo.cols.info:fence()
      return total
    end
    local body_length = left >= header and tvb(pos + 4, 4):le_int() or 0
    local length_error = left >= header and length_error_of(body_length, header) or nil
    local size = length_error and header or header + body_length
    if left < size then
      pinfo.desegment_offset = pos
      pinfo.desegment_len = left < header and DESEGMENT_ONE_MORE_SEGMENT or size - left
      return total
    end
    if not dissect_message(tvb, pos, n, size, pinfo, root, length_error) then return total end
    pos = pos + size
  end
  return total
end

-- Which connections ------------------------------------------------------------------------------------------------

local function looks_like_header(tvb)
  local n = esf.prefs.user_id_bytes_max
  local header = 12 + 2 * (1 + n)
  if tvb:len() < header or tvb(0, 1):uint() ~= TOKEN or tvb(1, 1):uint() > CLIENT_TYPE_MAX then return false end
  if tvb(12, 1):uint() > n or tvb(13 + n, 1):uint() > n then return false end
  return length_error_of(tvb(4, 4):le_int(), header) == nil
end

esf:register_heuristic("tcp", function(tvb, pinfo, root)
  if not esf.prefs.heuristic or not looks_like_header(tvb) then return false end
  pinfo.conversation = esf
  esf.dissector(tvb, pinfo, root)
  return true
end)

local tcp_ports = DissectorTable.get("tcp.port")
local port_now = esf.prefs.port
tcp_ports:add(port_now, esf)

function esf.prefs_changed()
  if port_now == esf.prefs.port then return end
  tcp_ports:remove(port_now, esf)
  port_now = esf.prefs.port
  tcp_ports:add(port_now, esf)
end
`;
