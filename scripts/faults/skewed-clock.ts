// Loaded before a service (`--import`): its wall clock is wrong by SHIFT_CLOCK_MS milliseconds. Timers are not touched.
const shift = Number(process.env["SHIFT_CLOCK_MS"] ?? 0);
const RealDate = Date;

class ShiftedDate extends RealDate {
  constructor(...args: unknown[]) {
    if (args.length === 0) super(RealDate.now() + shift);
    else super(...(args as [number]));
  }

  static override now(): number {
    return RealDate.now() + shift;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;

export {};
