/** The State Council's arrangement of one year: weekdays off, and weekend days worked (调休). */
export interface WorkingDayYear {
  /** The notice that decides it. */
  readonly source: string;
  /** Weekdays that are holidays, `MM-DD`. */
  readonly off: readonly string[];
  /** Weekend days that are working days, `MM-DD`. */
  readonly worked: readonly string[];
}

export type WorkingDayCalendar = ReadonlyMap<number, WorkingDayYear>;

/**
 * 国务院办公厅关于部分节假日安排的通知, year by year. A new year is one new entry, when its notice is out (late in the
 * year before); until then every date counted through it is provisional.
 */
export const workingDayYears: WorkingDayCalendar = new Map([
  [
    2024,
    {
      source: "国办发明电〔2023〕7号",
      off: [
        ...["01-01", "02-12", "02-13", "02-14", "02-15", "02-16", "04-04", "04-05", "05-01", "05-02", "05-03"],
        ...["06-10", "09-16", "09-17", "10-01", "10-02", "10-03", "10-04", "10-07"],
      ],
      worked: ["02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"],
    },
  ],
  [
    2025,
    {
      source: "国办发明电〔2024〕12号",
      off: [
        ...["01-01", "01-28", "01-29", "01-30", "01-31", "02-03", "02-04", "04-04", "05-01", "05-02", "05-05"],
        ...["06-02", "10-01", "10-02", "10-03", "10-06", "10-07", "10-08"],
      ],
      worked: ["01-26", "02-08", "04-27", "09-28", "10-11"],
    },
  ],
  [
    2026,
    {
      source: "国办发明电〔2025〕7号",
      off: [
        ...["01-01", "01-02", "02-16", "02-17", "02-18", "02-19", "02-20", "02-23", "04-06", "05-01", "05-04", "05-05"],
        ...["06-19", "09-25", "10-01", "10-02", "10-05", "10-06", "10-07"],
      ],
      worked: ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
    },
  ],
]);
