// SPDX-License-Identifier: Apache-2.0
import { Grid } from "../../hosts/simulator/grid/grid.js";
import { SimulatedInstrument } from "../../hosts/simulator/simulated-instrument.js";
import { type Simulator, startSimulator } from "../../hosts/simulator/start.js";
import { DlmsClient } from "./client/client.js";
import type { ClientSecurity } from "./client/security.js";
import { clientSap, testSecurity } from "./client/test-client.js";
import type { ClientName, ModelName } from "./specified-meter.js";

export type LinkName = "wrapper" | "mode E" | "direct HDLC" | "RS485";

export interface ClientChoice {
	readonly maximumPduSize?: number;
	readonly conformance?: number;
}

/** A simulated meter of one model with its links, and clients for it that count on. */
export class RunningMeter {
	readonly simulator: Simulator;
	readonly #securities = new Map<ClientName, ClientSecurity>();

	private constructor(simulator: Simulator) {
		this.simulator = simulator;
	}

	static async start(model: ModelName, options: Parameters<typeof startSimulator>[0] = {}): Promise<RunningMeter> {
		return new RunningMeter(await startSimulator({ model, tcp: 0, optical: 0, rs485: 0, ...options }));
	}

	/** Keys and counter of a client, undefined for the public one. */
	security(client: ClientName): ClientSecurity | undefined {
		if (client === "public") return undefined;
		const known = this.#securities.get(client) ?? testSecurity();
		this.#securities.set(client, known);
		return known;
	}

	/** The mains, where they are no recording. */
	get grid(): Grid {
		const { terminals } = this.simulator.simulated;
		if (!(terminals instanceof Grid)) throw new TypeError("the terminals are at a recording");
		return terminals;
	}

	/** The instrument of the panel, with the household off. */
	instrument(): SimulatedInstrument {
		const { simulated, pacer } = this.simulator;
		const instrument = new SimulatedInstrument(simulated, pacer, () => undefined);
		instrument.setHousehold(false);
		return instrument;
	}

	/** Usual lower HDLC address: 1000 and the last four digits of the serial number. */
	get deviceAddress(): number {
		return (
			1000 + Number(Buffer.from(this.simulator.simulated.meter.application.identity.serialNumber).toString().slice(-4))
		);
	}

	/** Opens the link and the association of a client. */
	async connect(client: ClientName, link: LinkName = "wrapper", choice: ClientChoice = {}): Promise<DlmsClient> {
		const options = {
			clientSap: sapOf[client],
			security: this.security(client),
			...choice,
		};
		const { tcp, optical, rs485 } = this.simulator;
		const opened =
			link === "wrapper"
				? await DlmsClient.connectTcp({ ...options, port: tcp })
				: await DlmsClient.connectOptical(
						link === "RS485"
							? { ...options, port: rs485!, signOn: "direct", device: this.deviceAddress, addressSize: 4 }
							: { ...options, port: optical, signOn: link === "mode E" ? "modeE" : "direct" },
					);
		try {
			await opened.associate();
			return opened;
		} catch (error) {
			await opened.close().catch(() => undefined);
			throw error;
		}
	}

	/** Opens a client, uses it, and closes it whatever happens. */
	async with<Value>(
		client: ClientName,
		use: (opened: DlmsClient) => Promise<Value>,
		link: LinkName = "wrapper",
		choice: ClientChoice = {},
	): Promise<Value> {
		const opened = await this.connect(client, link, choice);
		try {
			return await use(opened);
		} finally {
			await opened.close();
		}
	}

	close(): Promise<void> {
		return this.simulator.close();
	}
}

const sapOf: Readonly<Record<ClientName, number>> = {
	public: clientSap.public,
	management: clientSap.management,
	preestablished: clientSap.preEstablished,
	reader: clientSap.reader,
	technician: clientSap.technician,
	consumer: clientSap.consumer,
	metrology: clientSap.metrology,
};
