// npm scripts run on the Node 24 that the lock file installs (docs/decisions); anything older cannot run this project.
const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  console.error(
    `Quanlian needs Node 24 at run time but this is ${process.version}. On Linux x64 \`npm ci\` installs it; start through npm scripts (npm start, npm test). Elsewhere install Node 24 yourself.`,
  );
  process.exit(1);
}
