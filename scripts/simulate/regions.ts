/** Records of one kind in one year, and how they are spread over subjects. */
export interface KindLoad {
  readonly kind: "APPROVAL" | "SERVICE" | "SUPERVISION" | "ENFORCEMENT" | "CREDIT";
  readonly records: number;
  /** Mean number of records in a stream that has any. */
  readonly meanPerStream: number;
}

/** A ledger's area: what it takes in and how often it is asked. */
export interface Region {
  readonly name: string;
  readonly ledgers: number;
  /** A year, in each ledger. */
  readonly kinds: readonly KindLoad[];
  /** Verifications a day, in each ledger. */
  readonly verifications: number;
  readonly validators: number;
  readonly prefixBits: number;
}

const CITY_POPULATION = 21.83;
const NATION_POPULATION = 1_410;
const LARGE_PROVINCE_POPULATION = 101;

/**
 * A year of a city like Beijing: 30 million records (5.6 million licences and penalties scaled up from the published monthly
 * count of one province, 5 million inspections from 26,000 officers, the rest service cases, and one credit event per hundred).
 * How records spread over streams is assumed, with a heavy tail: a few enterprises have thousands.
 */
const CITY: readonly KindLoad[] = [
  { kind: "APPROVAL", records: 400_000, meanPerStream: 1.6 },
  { kind: "SERVICE", records: 19_100_000, meanPerStream: 3 },
  { kind: "SUPERVISION", records: 5_000_000, meanPerStream: 2 },
  { kind: "ENFORCEMENT", records: 5_200_000, meanPerStream: 1.8 },
  { kind: "CREDIT", records: 300_000, meanPerStream: 1.3 },
];

/** Daily queries of the national enterprise information system. */
const NATION_VERIFICATIONS = 17_000_000;

function scaled(name: string, ledgers: number, population: number, validators: number, prefixBits: number): Region {
  const factor = population / CITY_POPULATION;
  return {
    name,
    ledgers,
    kinds: CITY.map((load) => ({ ...load, records: Math.round(load.records * factor) })),
    verifications: Math.round((NATION_VERIFICATIONS * population) / NATION_POPULATION),
    validators,
    prefixBits,
  };
}

/** The nation is its provinces: 31 and the Xinjiang corps, each with a ledger of its own, of average size. */
export const REGIONS: Readonly<Record<string, Region>> = {
  city: scaled("city", 1, CITY_POPULATION, 4, 16),
  province: scaled("large province", 1, LARGE_PROVINCE_POPULATION, 7, 20),
  nation: scaled("nation, by provinces", 32, NATION_POPULATION / 32, 7, 18),
};
