// SPDX-License-Identifier: Apache-2.0
import Timer from "timer";
import { HdlcSession } from "../../src/cosem/hdlc/hdlc-session.js";
import type { HdlcSetup } from "../../src/cosem/hdlc/hdlc-setup.js";
import { boardLimits } from "../../src/cosem/limits.js";
import { SpiFram } from "../../src/drivers/spi-fram.js";
import { OpticalPort } from "../../src/iec62056-21/optical-port.js";
import { createMeter, type Meter, type MeterSettings } from "../../src/main.js";
import { optionBit } from "../../src/models/model.js";
import type { Cipher } from "../../src/ports/cipher.js";
import type { LinkSession } from "../../src/ports/link.js";
import type { Log } from "../../src/ports/log.js";
import { ClockLeds } from "./adapters/clock-leds.js";
import { DigitalInput, FallingEdge } from "./adapters/digital-pins.js";
import { Ds3231 } from "./adapters/ds3231.js";
import { HousingPins } from "./adapters/housing-pins.js";
import { IoExpander } from "./adapters/io-expander.js";
import { MonotonicClock } from "./adapters/monotonic-clock.js";
import { PartitionFlash } from "./adapters/partition-flash.js";
import { RelayExpander } from "./adapters/relay-expander.js";
import { SerialLink } from "./adapters/serial-link.js";
import { SpiBusDevice } from "./adapters/spi-bus-device.js";
import { TurnPace } from "./adapters/turn-pace.js";
import { EspRandom } from "./native/esp-random.js";
import { meterPartition, wiring } from "./wiring.js";

/** Longest sleep of the event loop: the watchdog wants a sign of life, and the tick counter must not wrap unseen. */
const longestWait_ms = 1000;

/** Longest information field of the board's HDLC links; their buffers are made once. */
const informationSize = 256;

/** Octets that wait for a UART: a data readout leaves in one piece, at 300 Bd slower than it is made. */
const serialQueueSize = 2048;

/** Three characters of 9600 Bd and a reserve: the transceiver of the master has to let go of the pair. */
const rs485Turnaround_ms = 5;

/** The meter on its board: gives it its parts, moves octets, and calls it when something is due. */
export class MeterHost {
	readonly meter: Meter;
	readonly #clock = new MonotonicClock();
	readonly #sessions: LinkSession[] = [];
	readonly #links: SerialLink[] = [];
	readonly #timer: Timer;
	#meterDeadline_ms = 0;
	/** Something else than its turns was done with the meter since the last one: deadlines may have moved. */
	#isTouched = true;

	/** @param framOctets size of the FRAM, 0 for a board without */
	constructor(settings: MeterSettings, framOctets: number, cipher: Cipher, log: Log) {
		this.meter = createMeter(
			{
				clock: this.#clock,
				rtc: new Ds3231(wiring.clock),
				flash: new PartitionFlash(meterPartition),
				...(framOctets > 0 ? { fram: new SpiFram(new SpiBusDevice(wiring.fram), framOctets) } : {}),
				frontEnd: new SpiBusDevice(wiring.frontEnd),
				...(settings.model.board.frontEnd === "ADE9000" ? { irq0: new DigitalInput(wiring.irq0.pin) } : {}),
				...((settings.model.options & optionBit.disconnector) !== 0
					? { supplySwitch: new RelayExpander(wiring.relay) }
					: {}),
				...((settings.model.options & optionBit.io) !== 0
					? { io: new IoExpander(wiring.ioRelays, wiring.ioTerminals) }
					: {}),
				housing: new HousingPins(wiring.housing),
				leds: new ClockLeds(wiring.clockLeds),
				random: new EspRandom(),
				pace: new TurnPace(),
				cipher,
				log,
			},
			settings,
		);
		this.#openOptical(settings);
		const { rs485Hdlc } = this.meter.application;
		if (rs485Hdlc !== undefined) this.#openRs485(rs485Hdlc);
		const powerFail: FallingEdge = new FallingEdge(wiring.powerFail.pin, () => {
			if (!powerFail.isLow) return;
			this.meter.commit();
			this.#isTouched = true;
		});
		if (this.meter.application.io !== undefined) {
			const inputs: FallingEdge = new FallingEdge(wiring.ioInterrupt.pin, () => {
				if (!inputs.isLow) return;
				this.#meterDeadline_ms = this.meter.inputsChanged(this.#clock.update());
				this.#schedule();
			});
		}
		this.#timer = Timer.set(() => this.#turn(), 0, longestWait_ms);
	}

	#openOptical(settings: MeterSettings): void {
		const { opticalPort, opticalHdlc } = this.meter.application;
		const link = this.#openLink(wiring.optical, 300, "7E1");
		const port = new OpticalPort(
			link,
			this.meter.server,
			{ port: "optical", name: "optical" },
			{
				setup: opticalPort,
				hdlcSetup: opticalHdlc,
				hdlc: { maximumApdu: boardLimits.receivePduSize, maximumInformation: informationSize, connections: 1 },
				manufacturer: String.fromCharCode(...settings.identity.logicalDeviceName.subarray(0, 3)),
				identification: settings.model.name,
				serialNumber: settings.identity.serialNumber,
				readout: this.meter.createReadout(),
				line: link,
			},
		);
		link.attach(port);
		this.#sessions.push(port);
	}

	#openRs485(setup: HdlcSetup): void {
		const link = this.#openLink({ ...wiring.rs485, turnaround_ms: rs485Turnaround_ms }, 9600, "8N1");
		const session = new HdlcSession(link, this.meter.server, { port: "rs485", name: "rs485-1" }, setup, {
			maximumApdu: boardLimits.receivePduSize,
			maximumInformation: informationSize,
			connections: 1,
		});
		link.attach(session);
		this.#sessions.push(session);
	}

	#openLink(
		pins: {
			readonly port: number;
			readonly receive: number;
			readonly transmit: number;
			readonly turnaround_ms?: number;
		},
		baud: number,
		format: "7E1" | "8N1",
	): SerialLink {
		const link = new SerialLink({
			isHalfDuplex: true,
			...pins,
			baud,
			format,
			queueSize: serialQueueSize,
			clock: this.#clock,
			onActivity: () => {
				// what was served may have given the meter something to do before its next turn: the end of a pulse
				this.#isTouched = true;
				this.#meterDeadline_ms = 0;
				this.#schedule();
			},
		});
		this.#links.push(link);
		return link;
	}

	/** One turn of the event loop: everything that is due, metering first. */
	#turn(): void {
		const now_ms = this.#clock.update();
		// a request that goes on has a turn without metering
		const isMetering = this.#meterDeadline_ms <= now_ms;
		this.#meterDeadline_ms = this.meter.advance(now_ms, !this.#isTouched);
		this.#isTouched = false;
		if (!isMetering && this.meter.server.nextDeadline_ms <= now_ms) {
			this.meter.server.advance(now_ms);
			// what a client has had done may be due before what the meter knew of
			this.#isTouched = true;
			this.#meterDeadline_ms = 0;
		}
		for (const session of this.#sessions) {
			if (session.nextDeadline_ms > now_ms) continue;
			this.#isTouched = true;
			session.advance(now_ms);
		}
		for (const link of this.#links) link.advance(now_ms);
		this.#schedule();
	}

	#schedule(): void {
		if (this.#timer === undefined) return; // still being built: the first turn comes at once
		const now_ms = this.#clock.monotonic_ms();
		let next_ms = Math.min(this.#meterDeadline_ms, this.meter.server.nextDeadline_ms, now_ms + longestWait_ms);
		for (const session of this.#sessions) next_ms = Math.min(next_ms, session.nextDeadline_ms);
		for (const link of this.#links) next_ms = Math.min(next_ms, link.nextDeadline_ms);
		Timer.schedule(this.#timer, Math.max(next_ms - now_ms, 0), longestWait_ms);
	}
}
