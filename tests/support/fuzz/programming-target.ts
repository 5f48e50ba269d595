// SPDX-License-Identifier: Apache-2.0
import { type Draw, mutate } from "../../../hosts/xs/src/support/draw.js";
import { portField, protectionMode } from "../../../src/cosem/security/port-protection.js";
import type { OpticalPort } from "../../../src/iec62056-21/optical-port.js";
import { portText } from "../../../src/iec62056-21/stored-local-port-setup.js";
import type { MeterBench } from "../../events/meter-bench.js";
import { fromAscii, toAscii } from "../client/bytes.js";
import { blockOf } from "../optical-head.js";
import { openMeterPort } from "../optical-port.js";
import type { Target } from "./targets.js";

/** Of programming mode. */
const programmingPassword = "31415926";

/**
 * Sessions in programming mode, with the right password or without it, commands whole and damaged. Who has not the password
 * is told nothing, and who has it moves nothing but the clock.
 * @param count of an answer's kind
 * @param fail when a stranger is told something
 */
export function programmingTarget(
	bench: MeterBench,
	draw: Draw,
	count: (kind: string) => void,
	fail: (what: string) => void,
): Target {
	const { application } = bench.simulated.meter;
	let knowsPassword = false;
	application.opticalPort.changeText(portText.passwordP1, fromAscii(programmingPassword));
	// no delays, or hardly a password would be looked at
	application.portProtection.change("optical", portField.mode, protectionMode.unlocked);
	const sent: number[] = [];
	const sink = { send: (bytes: Uint8Array) => void sent.push(...bytes), disconnect: () => undefined };
	const fields = [
		"1.8.0()",
		"0-0:96.1.0()",
		"32.7.0()",
		"0.9.1(120000)",
		"0.9.2(260101)",
		"0-0:1.0.0(260101120000)",
		"",
	];
	const wrong = ["00000000", "27182818", "2718281828", "271", ""];
	const signOn = "/?!\r\n";
	let port: OpticalPort | undefined;
	const command = (): string => {
		const password = knowsPassword && draw(4) !== 0 ? programmingPassword : wrong[draw(wrong.length)]!;
		if (draw(4) === 0) return blockOf(`\x01P${draw(8) === 0 ? 2 : 1}\x02(${password})`);
		if (draw(12) === 0) return ["\x15", "\x06", blockOf("\x01B0"), blockOf("\x01E2\x02(1)")][draw(4)]!;
		return blockOf(`\x01${"RWRWX"[draw(5)]!}${1 + (draw(4) === 0 ? draw(5) : 0)}\x02${fields[draw(fields.length)]!}`);
	};
	return {
		name: "programming",
		open: () => {
			const before = { port, knowsPassword };
			knowsPassword = draw(3) !== 0;
			const opened = openMeterPort(bench, sink, {
				timings: { fastReaction_ms: 0, reaction_ms: 0, acknowledgement_ms: 2000, gap_ms: 1500 },
			});
			port = opened;
			return {
				receive: (bytes: Uint8Array, now_ms: number) => opened.receive(bytes, now_ms),
				advance: (now_ms: number) => opened.advance(now_ms),
				get nextDeadline_ms() {
					return opened.nextDeadline_ms;
				},
				// a probe comes and goes beside the session
				close: () => {
					opened.close();
					({ port, knowsPassword } = before);
				},
			};
		},
		take: () => {
			const octets = Uint8Array.from(sent.splice(0));
			const text = toAscii(octets);
			const kind = kindOfProgramming(text);
			count(`programming${knowsPassword ? "" : " without password"}: ${kind}`);
			if (!knowsPassword && kind === "data set") fail(`without password: ${JSON.stringify(text)}`);
			return octets;
		},
		dress: (apdu) => {
			if (port!.state === "idle") return fromAscii(signOn);
			if (port!.state === "identified") return fromAscii("\x06051\r\n");
			const octets = draw(8) === 0 ? apdu.slice(0, 100) : fromAscii(command());
			return draw(4) === 0 ? mutate(octets, draw) : octets;
		},
		probe: fromAscii(signOn),
		greeting: [],
		hasAnswer: (octets) => toAscii(octets).startsWith("/SXF"),
	};
}

/** What an answer of the optical port means to a session in programming mode. */
function kindOfProgramming(text: string): string {
	if (text === "") return "silence";
	if (text === "\x06") return "acknowledged";
	if (text === "\x15") return "not acknowledged";
	if (text.startsWith("\x02(ERROR)")) return "error";
	if (text.startsWith("\x01")) return text.startsWith("\x01B0") ? "over" : "begun";
	return text.startsWith("\x02") && !text.includes("!\r\n") ? "data set" : "other";
}
