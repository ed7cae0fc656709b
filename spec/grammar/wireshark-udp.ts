/**
 * The Wireshark dissector of the datagrams between clients, made from their tables: hole punching and reliable UDP.
 *
 * Use: `tshark -X lua_script:spec/wireshark/esf-udp.lua -r capture.pcap`. Datagrams of reliable UDP are recognized by kind
 * and length; for the others, and for ports that carry something else as well, name the port (`-d udp.port==5000,esfudp`).
 */
import { punchingDatagrams } from './punching-datagrams.ts';
import type { Datagram } from './punching-datagrams.ts';
import { RUDP_VERSION, rudpDatagrams } from './rudp-datagrams.ts';
import type { RudpDatagramLayout } from './rudp-datagrams.ts';

type Row = { readonly name: string; readonly type: string; readonly size: number; readonly repeated: boolean };

const SIZES = { uint16: 2, uint32: 4, uint64: 8, ipv4: 4, message: 0 } as const;
/** The type of a Wireshark field, by the type of the table. */
const LUA_TYPES: Readonly<Record<string, string>> = {
  byte: 'uint8',
  uint16: 'uint16',
  uint32: 'uint32',
  uint48: 'uint64',
  uint64: 'uint64',
  ipv4: 'ipv4',
  bytes: 'bytes',
  message: 'bytes',
};

function layouts(): { readonly kind: number; readonly name: string; readonly rows: readonly Row[] }[] {
  const punching = punchingDatagrams.map(({ kind, name, fields }: Datagram) => ({
    kind,
    name,
    rows: fields.map((field) => ({ name: field.name, type: field.type, size: SIZES[field.type], repeated: false })),
  }));
  const reliable = rudpDatagrams.map(({ kind, name, fields }: RudpDatagramLayout) => ({
    kind,
    name,
    rows: fields.map((field) => ({
      name: field.name,
      type: field.type,
      size: field.sizeBytes,
      repeated: field.repeated === true,
    })),
  }));
  return [...punching, ...reliable];
}

/** The dissector as Lua. */
export function wiresharkUdpDissector(): string {
  const all = layouts();
  const types = new Map(all.flatMap(({ rows }) => rows.map((row) => [row.name, LUA_TYPES[row.type]!] as const)));
  const fields = [...types].map(([name, type]) => `  ${name} = ProtoField.${type}("esfudp.${name}", "${name}"),`);
  const kinds = all.map(({ kind, name, rows }) => {
    const list = rows.map((row) => `{ "${row.name}", ${row.size}, "${row.type}", ${row.repeated} }`);
    return `  [${kind}] = { name = "${name}", fields = { ${list.join(', ')} } },`;
  });
  return `-- Wireshark dissector of hole punching and reliable UDP. Generated from spec/grammar; do not edit.
-- Use: tshark -X lua_script:esf-udp.lua -r capture.pcap [-d udp.port==5000,esfudp]

local esfudp = Proto("esfudp", "ESFramework datagram")
local VERSION = ${RUDP_VERSION}
local FIELDS = {
${fields.join('\n')}
}
local KIND = ProtoField.string("esfudp.kind", "kind")
local all = { KIND }
for _, field in pairs(FIELDS) do all[#all + 1] = field end
esfudp.fields = all
local KINDS = {
${kinds.join('\n')}
}
${LUA_WALK}`;
}

const LUA_WALK = `
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
`;
