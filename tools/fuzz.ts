// SPDX-License-Identifier: Apache-2.0
// npm run fuzz -- --count N --seed S: hostile octets against links, server and protection of a whole meter.
import { Command, InvalidArgumentError } from "commander";
import { Fuzzer } from "../tests/support/fuzz/fuzz.js";

/** Octets of heap that count as growth, whatever the count: what every message leaves behind would be more. */
const growthLimit = 4 * 1024 * 1024;

function parseNumber(text: string): number {
	const value = Number(text);
	if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number from 1 on.");
	return value;
}

const command = new Command("fuzz")
	.description("Sends mutated frames and APDUs to a meter and looks for crashes, hangs, growth and leaks.")
	.option("--count <n>", "messages", parseNumber, 100_000)
	.option("--seed <n>", "source of all mutations", parseNumber, 1)
	.parse();
const { count, seed } = command.opts<{ count: number; seed: number }>();
const begin_ms = performance.now();
const { failures, slowest_ms, growth, kinds, unknown } = new Fuzzer(seed).run(count);
for (const failure of failures) console.error(failure);
for (const [kind, times] of [...kinds].sort()) console.log(`${times.toString().padStart(9)}  ${kind}`);
console.log(`${(unknown * 100).toFixed(1)} % of the messages over links that answer ended at their tag`);
const seconds = ((performance.now() - begin_ms) / 1000).toFixed(0);
const heap = growth === undefined ? "heap not measured" : `heap grown by ${(growth / 1024).toFixed(0)} KiB`;
console.log(`${count} messages, seed ${seed}, ${seconds} s; slowest ${slowest_ms.toFixed(1)} ms; ${heap}`);
const hasGrown = growth !== undefined && growth > growthLimit;
if (hasGrown) console.error("the heap grows");
console.log(failures.length === 0 && !hasGrown ? "nothing found" : `${failures.length} failures`);
process.exitCode = failures.length === 0 && !hasGrown ? 0 : 1;
