// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from "commander";
import { models } from "../../../src/models/model.js";
import { StartError } from "../start-error.js";
import { mostStations, type RunningLoop, startLoop, usualLoop } from "./start-loop.js";

const exitCodeOfStartError = 2;

function numberIn(lowest: number, highest: number): (text: string) => number {
	return (text) => {
		const number = Number(text);
		if (!/^\d+$/.test(text) || number < lowest || number > highest)
			throw new StartError(`${text} is no number from ${lowest} to ${highest}`);
		return number;
	};
}

const command = new Command("loop")
	.description("Meters on one pair of RS485, which a master finds as a TCP byte stream.")
	.addOption(
		new Option("--meters <number>", `how many, 1 to ${mostStations}`)
			.argParser(numberIn(1, mostStations))
			.default(usualLoop.meters),
	)
	.addOption(new Option("--rs485 <port>", "the pair").argParser(numberIn(0, 65_535)).default(usualLoop.port))
	.addOption(new Option("--host <address>", "bind address").default(usualLoop.host))
	.addOption(
		new Option("--model <name>", "all of this model (default: each model in turn)").choices(
			models.map(({ name }) => name),
		),
	)
	.addOption(
		new Option("--seed <number>", "of the first meter").argParser(numberIn(0, 0xffff_ffff)).default(usualLoop.seed),
	)
	.addOption(new Option("--json", "print JSON lines instead of text").default(false));

function announce(running: RunningLoop, isJson: boolean, host: string): void {
	const stations = running.stations.map(({ address, simulator: { options, tcp, optical, logicalDeviceName } }) => ({
		address,
		model: options.model,
		logicalDeviceName,
		tcp,
		optical,
	}));
	if (isJson) {
		console.log(JSON.stringify({ ready: true, rs485: running.port, stations }));
		return;
	}
	console.log(`${stations.length} meters on RS485 at ${host}:${running.port} (TCP byte stream, HDLC, server 1)`);
	for (const { address, model, logicalDeviceName, tcp } of stations)
		console.log(`  station ${String(address).padStart(5)}  ${model}  ${logicalDeviceName}  TCP wrapper ${host}:${tcp}`);
	console.log("  clients and TEST KEYS as in docs/connecting.md");
}

async function main(): Promise<void> {
	const given = command.parse().opts<{
		meters: number;
		rs485: number;
		host: string;
		model?: string;
		seed: number;
		json: boolean;
	}>();
	const { meters, rs485: port, host, model, seed, json } = given;
	const wanted = model === undefined ? models : models.filter(({ name }) => name === model);
	const running = await startLoop(
		{ meters, port, host, seed, models: wanted },
		{
			write(level, part, message) {
				if (level === "debug") return;
				console.log(json ? JSON.stringify({ level, part, message }) : `${level} ${part}: ${message}`);
			},
		},
	);
	for (const signal of ["SIGINT", "SIGTERM"] as const)
		process.once(signal, () => {
			running.close().then(() => process.exit(0));
		});
	announce(running, json, host);
}

try {
	await main();
} catch (error) {
	if (!(error instanceof StartError)) throw error;
	console.error(`loop: ${error.message}`);
	process.exitCode = exitCodeOfStartError;
}
