// Makes the npm package of one platform: node platform.mjs PROGRAM OS CPU FOLDER
// The version is that of package.json beside this file.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const [program, os, cpu, folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node platform.mjs PROGRAM OS CPU FOLDER");
  process.exit(2);
}
const main = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
const name = `@leakstop/${os}-${cpu}`;
if (!(name in main.optionalDependencies)) {
  console.error(`${name} is none of the packages that package.json names`);
  process.exit(2);
}
const file = basename(program);
mkdirSync(folder, { recursive: true });
copyFileSync(program, join(folder, file));
chmodSync(join(folder, file), 0o755);
const { version, license } = main;
const description = `leakstop for ${os} on ${cpu}`;
const facts = { name, version, description, license, os: [os], cpu: [cpu], files: [file] };
writeFileSync(join(folder, "package.json"), `${JSON.stringify(facts, null, 2)}\n`);
