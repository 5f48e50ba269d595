// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { SerialPort } from "serialport";
import { type Simulator, startSimulator } from "../../../../hosts/simulator/start.js";
import { StartError } from "../../../../hosts/simulator/start-error.js";
import { parseRequirements } from "../../../../tools/stages.js";
import { DlmsClient } from "../../../support/client/client.js";
import { ref } from "../../../support/client/data.js";
import type { Duplex } from "../../../support/client/duplex.js";
import { clientSap, testSecurity } from "../../../support/client/test-client.js";

/** A serial port as programs of the field open it. */
class SerialDuplex implements Duplex {
	onData: (bytes: Uint8Array) => void = () => undefined;
	onClose: () => void = () => undefined;
	readonly #port: SerialPort;
	/** Ends when all that was written has left; a port that is closed before fails its write. */
	#written: Promise<unknown> = Promise.resolve();

	private constructor(port: SerialPort) {
		this.#port = port;
		port.on("data", (octets: Buffer) => this.onData(Uint8Array.from(octets)));
		port.on("close", () => this.onClose());
	}

	static open(path: string, baudRate = 9600): Promise<SerialDuplex> {
		return new Promise((resolve, reject) => {
			const port = new SerialPort({ path, baudRate }, (error) =>
				error === null ? resolve(new SerialDuplex(port)) : reject(error),
			);
		});
	}

	write(bytes: Uint8Array): void {
		this.#written = Promise.all([
			this.#written,
			new Promise((resolve) => this.#port.write(Buffer.from(bytes), resolve)),
		]);
	}

	async close(): Promise<void> {
		await this.#written;
		await new Promise((resolve) => this.#port.close(resolve));
	}
}

describe("optical port as a pseudo-terminal", () => {
	const hasSocat = spawnSync("socat", ["-V"], { stdio: "ignore" }).status === 0;
	const isRequired = parseRequirements(process.env["SX402_REQUIRE"] ?? "").has("socat");
	let meter: Simulator | undefined;

	afterEach(async () => {
		await meter?.close();
		meter = undefined;
	});

	const read = async (path: string, first: number): Promise<string> => {
		const client = await DlmsClient.overHdlc(await SerialDuplex.open(path), {
			clientSap: clientSap.management,
			security: testSecurity({ first }),
			signOn: "modeE",
		});
		await client.associate();
		const { value } = await client.read(ref(1, "0-0:42.0.0.255"), 2);
		await client.close();
		assert.ok(value instanceof Uint8Array);
		return Buffer.from(value).toString("latin1");
	};

	if (hasSocat || isRequired) {
		it("F53 F54: serves one program after the other, also after the supply has failed", async () => {
			meter = await startSimulator({ tcp: 0, optical: "pty", panel: 0 });
			const { opticalTerminal, logicalDeviceName, panel } = meter;
			assert.ok(opticalTerminal !== undefined);
			assert.equal(await read(opticalTerminal, 10), logicalDeviceName);
			assert.equal(await read(opticalTerminal, 20), logicalDeviceName);
			for (const action of ["cut", "restore"]) {
				const answer = await fetch(`http://127.0.0.1:${panel}/api/power`, {
					method: "POST",
					headers: { "content-type": "application/json" },
					body: JSON.stringify({ action }),
				});
				assert.ok(answer.ok, await answer.text());
			}
			assert.equal(await read(opticalTerminal, 30), logicalDeviceName);
		});

		it("F51 F52: is opened with 300 Bd 7E1 by one reader after the other, though a terminal has eight bits", async () => {
			meter = await startSimulator({ tcp: 0, optical: "pty" });
			for (let reader = 0; reader < 3; reader++) {
				const path = meter.opticalTerminal!;
				const asked = spawnSync("stty", ["-F", path, "300", "cs7", "parenb"], { encoding: "utf8" });
				assert.doesNotMatch(asked.stderr, /Invalid argument/, `reader ${reader}`);
				const line = await SerialDuplex.open(path, 300);
				const identification = new Promise<string>((resolve) => {
					let text = "";
					line.onData = (octets) => {
						text += Buffer.from(octets).toString("latin1");
						if (text.endsWith("\r\n")) resolve(text);
					};
				});
				line.write(Buffer.from("/?!\r\n"));
				assert.match(await identification, /^\/SXF5\\2ST402D /);
				line.write(Buffer.from("\x01B0\x03\x71"));
				await line.close();
			}
		});
	} else {
		it("says what to install where there is no socat", async () => {
			await assert.rejects(
				startSimulator({ tcp: 0, optical: "pty" }),
				(error: unknown) => error instanceof StartError && error.message.includes("apt-get install socat"),
			);
		});
	}
});
