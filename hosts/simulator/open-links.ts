// SPDX-License-Identifier: Apache-2.0
import type { Socket } from "node:net";
import type { HdlcOptions } from "../../src/cosem/hdlc/hdlc-session.js";
import { desktopLimits } from "../../src/cosem/limits.js";
import { dlmsPort } from "../../src/cosem/wrapper/stored-tcp-udp-setup.js";
import type { TcpUdpSetup } from "../../src/cosem/wrapper/tcp-udp-setup.js";
import type { Log } from "../../src/ports/log.js";
import type { Capture } from "./capture/capture.js";
import { flagId, packageVersion } from "./identity.js";
import type { LinkTimers } from "./link-timers.js";
import { OpticalTcpServer } from "./links/optical-tcp-server.js";
import { PtyBridge } from "./links/pty-bridge.js";
import { Rs485TcpServer } from "./links/rs485-tcp-server.js";
import type { StreamServerOptions } from "./links/stream-server.js";
import { TcpLinkServer } from "./links/tcp-link-server.js";
import { UdpLinkServer } from "./links/udp-link-server.js";
import { type SimulatorOptions, usualRs485 } from "./options.js";
import type { SimulatedMeter } from "./simulated-meter.js";
import { StartError } from "./start-error.js";

type LinkServer = TcpLinkServer | UdpLinkServer | OpticalTcpServer | Rs485TcpServer;

/** A serial port, reached as a byte stream. */
export interface SerialPort {
	/** TCP port. */
	readonly port: number;
	/** Device file, where the port is a pseudo-terminal too. */
	readonly terminal: string | undefined;
}

/** Every way to the meter but its panel. */
export interface Links {
	readonly tcp: number;
	readonly optical: SerialPort;
	/** Undefined where the meter has none, or nobody wants it. */
	readonly rs485: SerialPort | undefined;
	/** Closes every connection, as a meter without supply does. */
	dropAll(): void;
	/** The meter wants to be reached on another port; where that cannot be had, the old one stays, with a word in the log. */
	moveTo(port: number): Promise<void>;
	/** Sends a message on a connection that the meter has made, and serves who answers. */
	adopt(socket: Socket, message: Uint8Array): void;
}

/** Of a meter that was ordered without an IP link and is reached over TCP all the same. */
const usualTcpUdp: TcpUdpSetup = Object.freeze({ simultaneousConnections: 64, inactivityTimeout_s: 120 });

/** HDLC over a byte stream, where pauses between octets say nothing about the line. */
export const hdlcOfStreams: HdlcOptions = Object.freeze({
	maximumApdu: desktopLimits.receivePduSize,
	maximumInformation: 2030,
	connections: 8,
	minimumInterOctetTimeout_ms: 5000,
});

/**
 * Opens the ports that the options name. What has been opened is put into `opened`, to be closed in reverse order, also
 * when a later port fails.
 * @throws StartError with one line that names the flag
 */
export async function openLinks(
	options: SimulatorOptions,
	simulated: SimulatedMeter,
	timers: LinkTimers,
	capture: Capture | undefined,
	log: Log,
	opened: (() => Promise<void> | void)[],
): Promise<Links> {
	const { host } = options;
	const { handler } = simulated;
	const { model, identity } = simulated.meter.application;
	const servers: LinkServer[] = [];
	let tcpServer: TcpLinkServer | undefined;
	let udpServer: UdpLinkServer | undefined;
	const common = { time: timers, log, ...(capture && { tap: capture.connection.bind(capture) }), handler };

	async function listen(flag: string, server: LinkServer): Promise<number> {
		try {
			const port = await server.listen();
			opened.push(() => server.close());
			timers.add(server);
			servers.push(server);
			return port;
		} catch (error) {
			throw new StartError(`${flag}: ${(error as Error).message}`);
		}
	}

	/** TCP and UDP share a number: where any free one will do, one that is free for TCP alone is given back. */
	async function listenIp(): Promise<number> {
		for (let attempt = 1; ; attempt++) {
			const server = new TcpLinkServer({
				...common,
				host,
				port: options.tcp,
				// that of the meter that runs now: a supply that returns starts another one
				get setup() {
					return simulated.meter.application.tcpUdp ?? usualTcpUdp;
				},
				// what is longer than the server takes is still told so
				wrapper: { maximumApdu: 0xffff },
				isAuthenticated: (link) => handler.isAuthenticated(link),
			});
			const port = await listen("--tcp", server);
			try {
				const datagrams = new UdpLinkServer({ host, port, handler, capture, log });
				await listen("--tcp (UDP)", datagrams);
				tcpServer = server;
				udpServer = datagrams;
				return port;
			} catch (error) {
				if (options.tcp !== 0 || attempt === 5) throw error;
				await server.close();
			}
		}
	}

	async function listenSerial(
		flag: string,
		wanted: number | "pty",
		create: (address: Pick<StreamServerOptions, "host" | "port">) => LinkServer,
	): Promise<SerialPort> {
		if (wanted !== "pty") return { port: await listen(flag, create({ host, port: wanted })), terminal: undefined };
		// reached over this machine alone
		const port = await listen(flag, create({ host: "127.0.0.1", port: 0 }));
		try {
			const bridge = await PtyBridge.open(port);
			opened.push(() => bridge.close());
			return { port, terminal: bridge.path };
		} catch (error) {
			throw new StartError(`${flag}: ${(error as Error).message}`);
		}
	}

	const tcp = await listenIp();
	let current = tcp;
	const optical = await listenSerial(
		"--optical",
		options.optical,
		(address) =>
			new OpticalTcpServer({
				...common,
				...address,
				isPowered: () => simulated.isPowered,
				optical: {
					// those of the meter that runs when a head is put on: a supply that returns starts another one
					get setup() {
						return simulated.meter.application.opticalPort;
					},
					get hdlcSetup() {
						return simulated.meter.application.opticalHdlc;
					},
					hdlc: hdlcOfStreams,
					get readout() {
						return simulated.createReadout();
					},
					manufacturer: flagId,
					identification: `${model.name} ${packageVersion}`.slice(0, 16),
					serialNumber: identity.serialNumber,
					// programs for serial ports give the rate time to change
					countsReception: options.optical === "pty",
				},
			}),
	);

	async function openRs485(): Promise<SerialPort | undefined> {
		if (options.rs485 === false || simulated.meter.application.rs485Hdlc === undefined) return undefined;
		const create = (address: Pick<StreamServerOptions, "host" | "port">): Rs485TcpServer =>
			new Rs485TcpServer({
				...common,
				...address,
				setup: () => simulated.meter.application.rs485Hdlc!,
				hdlc: hdlcOfStreams,
			});
		if (options.rs485 !== undefined) return listenSerial("--rs485", options.rs485, create);
		try {
			return await listenSerial("--rs485", usualRs485, create);
		} catch (error) {
			if (!(error instanceof StartError)) throw error;
			return listenSerial("--rs485", 0, create);
		}
	}
	const rs485 = await openRs485();

	return {
		get tcp() {
			return current;
		},
		optical,
		rs485,
		dropAll() {
			for (const server of servers) server.dropAll();
		},
		async moveTo(wanted) {
			// port 4059 of the meter is where the option says
			const port = wanted === dlmsPort ? tcp : wanted;
			if (port === current) return;
			try {
				await tcpServer!.move(port);
				await udpServer!.move(port);
				log.write("info", "links", `tcp: reached on port ${port} from now on`);
				current = port;
			} catch (error) {
				log.write("warning", "links", `tcp: ${(error as Error).message}; still reached on port ${current}`);
				await tcpServer!.move(current).catch(() => undefined);
			}
		},
		adopt: (socket, message) => tcpServer!.adopt(socket, message),
	};
}
