// SPDX-License-Identifier: Apache-2.0
import type { Gate, Scenario } from "./gates.js";
import type { Creation, Outcome } from "./machine.js";

/** One thing that was proved or not. */
export interface Finding {
	readonly title: string;
	readonly passed: boolean;
	readonly detail: string;
}

/** The limit of a gate on a machine of this size, rounded down. */
export function limitOf(gate: Gate, creation: Creation): number {
	return typeof gate.atMost === "number" ? gate.atMost : Math.floor(gate.atMost.share * creation[gate.atMost.shareOf]);
}

function judgeGate(gate: Gate, creation: Creation, outcome: Outcome): Finding {
	const value = outcome.figures.get(gate.figure);
	const limit = limitOf(gate, creation);
	const share = typeof gate.atMost === "number" ? "" : ` (${gate.atMost.share * 100} % of ${gate.atMost.shareOf})`;
	return {
		title: `${gate.figure} <= ${limit}${share}`,
		passed: value !== undefined && value <= limit,
		detail: value === undefined ? "was not reported" : `${value}`,
	};
}

function judgeEnd(scenario: Scenario, outcome: Outcome): Finding {
	if (scenario.expectedAbort === undefined) {
		return { title: "runs to its end", passed: outcome.failure === undefined, detail: outcome.failure ?? "" };
	}
	const expected = `machine aborted (app): ${scenario.expectedAbort}`;
	return {
		title: `stops with "${scenario.expectedAbort}"`,
		passed: outcome.failure?.split("\n")[0] === expected,
		detail: outcome.failure ?? "it ran to its end",
	};
}

/** Compares what the engine and node printed, line by line. */
export function judgeParity(engine: readonly string[], node: readonly string[]): Finding {
	const title = `prints the same under node (${engine.length} lines)`;
	if (engine.length === 0) return { title, passed: false, detail: "nothing was printed" };
	for (let n = 0; n < Math.max(engine.length, node.length); n++) {
		if (engine[n] !== node[n]) {
			return { title, passed: false, detail: `line ${n + 1}: engine "${engine[n]}", node "${node[n]}"` };
		}
	}
	return { title, passed: true, detail: "" };
}

/** Everything a scenario had to prove: that it ended, its checks, its gates, and parity when `node` is given. */
export function judge(scenario: Scenario, creation: Creation, engine: Outcome, node?: Outcome): Finding[] {
	const findings = [judgeEnd(scenario, engine)];
	for (const { title, holds } of engine.checks) findings.push({ title, passed: holds, detail: "" });
	for (const gate of scenario.gates) findings.push(judgeGate(gate, creation, engine));
	if (node !== undefined) {
		if (node.failure !== undefined) findings.push({ title: "runs under node", passed: false, detail: node.failure });
		for (const { title, holds } of node.checks)
			findings.push({ title: `under node: ${title}`, passed: holds, detail: "" });
		findings.push(judgeParity(engine.output, node.output));
	}
	return findings;
}
