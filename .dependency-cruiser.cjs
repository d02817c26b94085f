// The borders of docs/design.md: `npm run lint` fails when an import crosses one.
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "Reading order is dependency order.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "proof-stands-alone",
      comment: "Whoever verifies needs neither Node, nor the service, nor a chain client.",
      severity: "error",
      from: { path: "^proof/src/" },
      to: {
        pathNot: [
          "^proof/src/",
          "(^|/)node_modules/@noble/",
          "(^|/)node_modules/sm-crypto-v2/",
          "(^|/)node_modules/@bitauth/",
        ],
      },
    },
    {
      name: "proof-command-knows-proof-and-node",
      severity: "error",
      from: { path: "^proof/cli/" },
      to: { path: ["^backend/", "^web/", "^scripts/", "^test/"] },
    },
    {
      name: "ethers-only-in-chain",
      comment: "One place of the service speaks to the chain.",
      severity: "error",
      from: { path: "^(backend|proof|web)/", pathNot: "^backend/src/chain/" },
      to: { path: "(^|/)node_modules/(ethers|@nomicfoundation|hardhat)/" },
    },
    {
      name: "backend-imports-proof-only",
      severity: "error",
      from: { path: "^backend/" },
      to: { path: ["^web/", "^scripts/", "^test/", "^contracts/", "^proof/src/"] },
    },
    {
      name: "record-rules-are-pure",
      comment: "Types, field rules and file readers know no framework, database or chain.",
      severity: "error",
      from: { path: "^backend/src/records/(types|fields|files)/" },
      to: { path: ["(^|/)node_modules/(@nestjs|typeorm|pg)/", "^backend/src/(?!records/|errors\\.ts)"] },
    },
    {
      name: "web-imports-proof-and-react-only",
      severity: "error",
      from: { path: "^web/src/" },
      to: {
        pathNot: [
          "^web/src/",
          "^proof/(dist|src)/",
          "^client/(dist|src)/",
          "(^|/)node_modules/(react|react-dom|@types/react|@types/react-dom)/",
        ],
      },
    },
    {
      name: "web-takes-only-types-of-the-client",
      comment: "The pages ask by plain fetch; what answers look like they know from the client's types.",
      severity: "error",
      from: { path: "^web/src/" },
      to: { path: "^client/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "nothing-imports-tests",
      severity: "error",
      from: { path: "^(proof|backend|web)/" },
      to: { path: "^test/" },
    },
    {
      name: "resolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ["node_modules", "/dist/"] },
    exclude: { path: ["^backend/src/chain/contracts/", "^test/fixtures/"] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
      extensions: [".ts", ".tsx", ".js", ".mjs", ".json"],
    },
  },
};
