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
		assert.equal(mean.voltageBlocks(1), 3);
		assert.equal(mean.voltage_permyriad(1), Math.round(Math.sqrt((300 ** 2 + 400 ** 2 + 500 ** 2) / 3)));
		assert.equal(mean.current_permyriad(2), Math.round(Math.sqrt((1000 ** 2 + 2000 ** 2 + 4000 ** 2) / 3)));
		assert.equal(mean.voltageBlocks(2), 0);
		assert.equal(mean.voltage_permyriad(2), 0);
		assert.equal(mean.current_permyriad(1), 0);
		assert.equal(mean.currentBlocks(2), 3);
	});

	it("begins anew after clear, and is 0 for phases that are not there", () => {
		const mean = new ThdMean();
		mean.blockFinished(block(300, 300));
		mean.clear();
		assert.equal(mean.voltageBlocks(1), 0);
		assert.equal(mean.voltage_permyriad(1), 0);
		assert.equal(mean.voltage_permyriad(7), 0);
	});
});
