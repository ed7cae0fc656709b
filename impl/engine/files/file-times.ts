/** The settings of file transfer, as times in microseconds; Infinity for never. */
import { microsOrNever } from '../settings.ts';

/** Taken at initialize. */
export type FileTimes = { readonly zeroSpeedMicros: number; readonly firstPackageMicros: number };

/** From the settings that clients and servers have under the same names. */
export function fileTimesOf(settings: {
  readonly checkFileZeroSpeedSpanInSecs: number;
  readonly fileFirstPackageTimeoutInSecs: number;
}): FileTimes {
  return {
    zeroSpeedMicros: microsOrNever(settings.checkFileZeroSpeedSpanInSecs),
    firstPackageMicros: microsOrNever(settings.fileFirstPackageTimeoutInSecs),
  };
}
