// SPDX-License-Identifier: Apache-2.0
import { clients, mechanism } from "../../src/cosem/association/client.js";
import type { Log } from "../../src/ports/log.js";
import { parseCommandLine, type SimulatorOptions } from "./options.js";
import { type Simulator, startSimulator } from "./start.js";
import { StartError } from "./start-error.js";
import { testKeysOf } from "./test-keys.js";

const exitCodeOfStartError = 2;

function logTo(isJson: boolean): Log {
	return {
		write(level, part, message) {
			if (level === "debug") return;
			if (isJson) console.log(JSON.stringify({ level, part, message }));
			else console.log(`${level} ${part}: ${message}`);
		},
	};
}

function hex(octets: Uint8Array): string {
	return Buffer.from(octets).toString("hex").toUpperCase();
}

function announce(simulator: Simulator): void {
	const { options, tcp, panel, systemTitle, logicalDeviceName } = simulator;
	const optical = simulator.opticalTerminal ?? simulator.optical;
	const rs485 = simulator.rs485Terminal ?? simulator.rs485;
	if (options.json) {
		const { model } = options;
		console.log(JSON.stringify({ ready: true, model, tcp, optical, rs485, panel, systemTitle, logicalDeviceName }));
		return;
	}
	const keys = testKeysOf(options.suite);
	const lines = [
		`sx402 ${options.model}  ${logicalDeviceName}  system title ${systemTitle}`,
		`  DLMS over TCP wrapper   ${options.host}:${tcp}`,
		`  optical port            ${serialPort(options.host, optical)}, IEC 62056-21 mode C and E or HDLC`,
	];
	if (rs485 !== undefined) lines.push(`  RS485 port 1            ${serialPort(options.host, rs485)}, HDLC`);
	if (panel !== undefined) {
		const token = simulator.panelToken === undefined ? "" : `/#token=${simulator.panelToken}`;
		lines.push(`  front panel             http://${options.host}:${panel}${token}`);
	}
	if (options.data !== undefined) lines.push(`  non-volatile memory     ${options.data}`);
	lines.push(
		...clientLines(options),
		"  TEST KEYS, the same for every simulated meter until changed:",
		`    GUEK ${hex(keys.globalUnicastEncryptionKey)}  GAK ${hex(keys.authenticationKey)}`,
		`    GBEK ${hex(keys.globalBroadcastEncryptionKey)}  KEK ${hex(keys.masterKey)}`,
	);
	if (!isLoopbackName(options.host))
		lines.push("  WARNING: this meter with test keys can be reached from other machines");
	console.log(lines.join("\n"));
}

/** Who may associate: SAP, ports, and how it proves who it is. */
function clientLines({ suite, mechanisms }: SimulatorOptions): string[] {
	const described = clients.map((client) => {
		const usual = client.signs === true && suite > 0 ? mechanism.highEcdsa : client.mechanism;
		const number = mechanisms[client.name] ?? usual;
		const proof =
			client.isAlwaysOpen === true ? "broadcast" : number === mechanism.lowest ? "no security" : `HLS ${number}`;
		return `${client.name} ${client.sap} (${number === mechanism.low ? "LLS" : proof})`;
	});
	return [
		`  clients of server 1: ${described.slice(0, 3).join(", ")},`,
		`    at the serial ports ${described.slice(3).join(", ")};`,
		`    suite ${suite}, authenticated and encrypted; more in docs/connecting.md`,
	];
}

function serialPort(host: string, port: number | string): string {
	return typeof port === "string" ? `${port} (pseudo-terminal)` : `${host}:${port} (TCP byte stream)`;
}

function isLoopbackName(host: string): boolean {
	return host === "localhost" || host === "::1" || host.startsWith("127.");
}

function stopOn(signals: readonly NodeJS.Signals[], simulator: Simulator): void {
	let isStopping = false;
	for (const signal of signals) {
		process.on(signal, () => {
			if (isStopping) process.exit(1);
			isStopping = true;
			simulator.close().then(() => process.exit(0));
		});
	}
}

async function main(options: SimulatorOptions): Promise<void> {
	const simulator = await startSimulator(options, logTo(options.json));
	stopOn(["SIGINT", "SIGTERM"], simulator);
	announce(simulator);
}

try {
	const options = parseCommandLine(process.argv.slice(2));
	if (options !== undefined) await main(options);
} catch (error) {
	if (!(error instanceof StartError)) throw error;
	console.error(`sx402: ${error.message}`);
	process.exitCode = exitCodeOfStartError;
}
