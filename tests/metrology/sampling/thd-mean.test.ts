// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { type HarmonicsView, noHarmonics } from "../../../src/metrology/harmonics-view.js";
import { ThdMean } from "../../../src/metrology/sampling/thd-mean.js";

function block(u: number, i: number, isValid = true): HarmonicsView {
	return {
		...noHarmonics,
		isVoltageValid: (phase) => isValid && phase === 1,
		isCurrentValid: (phase) => isValid && phase === 2,
		voltageThd_permyriad: () => u,
		currentThd_permyriad: () => i,
	};
}

describe("metrology/sampling/thd-mean", () => {
	it("F121 F122 is the root mean square of the valid blocks of a channel", () => {
		const mean = new ThdMean();
		for (const [u, i] of [
			[300, 1000],
			[400, 2000],
			[500, 4000],
		] as const) {
			mean.blockFinished(block(u, i));
		}
		mean.blockFinished(block(9999, 9999, false));
		assert.deepEqual([...mean.last_permyriad], [0, 0, 0, 0, 0, 0], "nothing before the end");
		mean.end();
		const u = Math.round(Math.sqrt((300 ** 2 + 400 ** 2 + 500 ** 2) / 3));
		const i = Math.round(Math.sqrt((1000 ** 2 + 2000 ** 2 + 4000 ** 2) / 3));
		assert.deepEqual([...mean.last_permyriad], [u, 0, 0, 0, i, 0]);
	});

	it("F121 begins anew with each interval", () => {
		const mean = new ThdMean();
		mean.blockFinished(block(300, 300));
		mean.end();
		mean.blockFinished(block(500, 500));
		mean.end();
		assert.equal(mean.last_permyriad[0], 500);
		mean.end();
		assert.deepEqual([...mean.last_permyriad], [0, 0, 0, 0, 0, 0]);
	});
});
