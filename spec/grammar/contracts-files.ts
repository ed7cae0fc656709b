/** Bodies of the file room. Data only. Sizes are unsigned in the manual's classes; here all stay below 2^53. */
import type { ContractMap } from './field-types.ts';

export const filesContracts = {
  BeginSendFileContract: {
    clause: 'FIL-001',
    doc: 'Asks to send a file or folder.',
    fields: [
      { name: 'Comment', type: 'string', clause: 'FIL-001', doc: 'remark of the application' },
      { name: 'IsFolder', type: 'bool', clause: 'FIL-001', doc: 'a folder with all that is in it' },
      { name: 'LastUpdateTime', type: 'dateTime', clause: 'FIL-040', doc: 'last modification, UTC' },
      { name: 'OriginPath', type: 'string', clause: 'FIL-040', doc: "absolute path on the sender's machine" },
      { name: 'ProjectID', type: 'string', clause: 'FIL-003', doc: 'marks the project, not the file' },
      { name: 'TotalSize', type: 'int64', clause: 'FIL-001', doc: 'bytes of the file, or of all files in the folder' },
    ],
  },
  RejectOrAcceptFileContract: {
    clause: 'FIL-002',
    doc: 'The answer to a request, and where to go on.',
    fields: [
      { name: 'Agree', type: 'bool', clause: 'FIL-002', doc: 'true: send' },
      {
        name: 'DisrupttedFileReceivedCount',
        type: 'int64',
        clause: 'FIL-043',
        doc: 'folders: bytes already there of the file to go on with',
      },
      {
        name: 'DisrupttedFileRelativePath',
        type: 'string',
        clause: 'FIL-043',
        doc: 'folders: the file to go on with; null when there is none',
      },
      { name: 'DisrupttedFileSize', type: 'int64', clause: 'FIL-043', doc: 'folders: full size of that file' },
      { name: 'ProjectID', type: 'string', clause: 'FIL-003', doc: 'the project' },
      { name: 'ReceivedCount', type: 'int64', clause: 'FIL-043', doc: 'bytes already there; 0: from the beginning' },
      { name: 'RejectCause', type: 'string', clause: 'FIL-002', doc: 'why it was refused; null otherwise' },
    ],
  },
  FilePackage: {
    clause: 'FIL-010',
    doc: 'One step of a project.',
    fields: [
      { name: 'Data', type: 'bytes', clause: 'FIL-010', doc: 'as the package type says' },
      { name: 'Index', type: 'byte', clause: 'FIL-011', doc: 'counts the packages of a project, 1 first, modulo 256' },
      { name: 'PackageType', type: { enum: 'PackageType' }, clause: 'FIL-010', doc: 'what Data is' },
      { name: 'ProjectID', type: 'string', clause: 'FIL-003', doc: 'the project' },
    ],
  },
  FoldTransferingNextFileInfo: {
    clause: 'FIL-012',
    doc: 'Data of a FoldTransferingNextFile package.',
    fields: [
      { name: 'FileLength', type: 'int64', clause: 'FIL-012', doc: 'bytes of the file' },
      { name: 'RelativeFilePath', type: 'string', clause: 'FIL-012', doc: 'path below the folder, `/` between names' },
    ],
  },
  CancelFileContract: {
    clause: 'FIL-005',
    doc: 'One end gives the project up.',
    fields: [
      { name: 'Cause', type: 'string', clause: 'FIL-005', doc: 'in words, or the name of the cause' },
      { name: 'InnerError', type: 'bool', clause: 'FIL-005', doc: 'true: it could not go on; false: it would not' },
      { name: 'ProjectID', type: 'string', clause: 'FIL-003', doc: 'the project' },
    ],
  },
  SingleFileNotifyContract: {
    clause: 'FIL-013',
    doc: 'A file, or the whole project, has arrived complete.',
    fields: [{ name: 'ProjectID', type: 'string', clause: 'FIL-003', doc: 'the project' }],
  },
  FilePartnerContract: {
    clause: 'FIL-030',
    doc: 'A user that is not, or no longer, online (ours).',
    fields: [{ name: 'UserID', type: 'string', clause: 'FIL-030', doc: 'who' }],
  },
} as const satisfies ContractMap;
