#!/usr/bin/env node
// Runs the program that the package for this platform brings. Nothing is downloaded.
"use strict";

const { spawnSync } = require("node:child_process");
const { constants } = require("node:os");

const name = `@leakstop/${process.platform}-${process.arch}`;
const file = process.platform === "win32" ? "leakstop.exe" : "leakstop";

let program;
try {
  program = require.resolve(`${name}/${file}`);
} catch {
  console.error(
    `leakstop: there is no ${name} here: install without --omit=optional, ` +
      "or build leakstop with cargo if your platform has no package",
  );
  process.exit(2);
}

// A hook must never take a program that did not run, or that a signal ended, for a clean scan.
const ran = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (ran.error) {
  console.error(`leakstop: ${program}: ${ran.error.message}`);
  process.exit(2);
}
process.exit(ran.status ?? 128 + constants.signals[ran.signal]);
