// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { testDirectionChanges, testQuadrants, testTransients } from "../../bench/accuracy/behaviour.js";
import { type Campaign, runCampaign } from "../../bench/accuracy/campaign.js";
import { allPoints, quickPoints, strictest, waveformPoints } from "../../bench/accuracy/load-points.js";
import { plotErrors, plotInfluences, plotShares, worstShare } from "../../bench/accuracy/plots.js";
import { isControlFailed, targets, verdicts, writeReport } from "../../bench/accuracy/report.js";
import { Station } from "../../bench/accuracy/station.js";
import { burst, halfWave, phaseFired } from "../../bench/accuracy/wave-shapes.js";
import { type ModelDescriptor, models, sm402d, st402c, st402d } from "../../src/models/model.js";

describe("bench/accuracy: load points", () => {
	it("F18 F19 names every load point of EN 50470-3 and IEC 62053-23", () => {
		const balanced = 3 + 3 * 5;
		const single = 3 * 3 * 2;
		const reactive = (1 + 3) * 2 + (1 + 3) * 4 + 3 * 4;
		assert.equal(allPoints(sm402d).length, 2 * balanced + reactive);
		for (const model of [st402d, st402c]) {
			const ofClass05S = model === st402c ? 2 * 2 + 3 * 2 : 0;
			assert.equal(allPoints(model).length, 2 * (balanced + single) + ofClass05S + reactive + 3 * 6);
		}
	});

	it("F24 F25 has the currents and limits of the marking: 0.25-5(100) A and 0.05-5(6) A", () => {
		const at = (model: ModelDescriptor, current_A: number, factor: string) =>
			allPoints(model).find((p) => p.group === "balanced, import" && p.current_A === current_A && p.factor === factor)
				?.limits;
		assert.deepEqual(at(st402d, 0.15, "1"), { C: 1 });
		assert.deepEqual(at(st402d, 0.25, "1"), { A: 2.5, B: 1.5, C: 1 });
		assert.deepEqual(at(st402d, 0.5, "1"), { A: 2, B: 1, C: 0.5 });
		assert.deepEqual(at(st402d, 100, "0.5 ind"), { A: 2, B: 1, C: 0.5 });
		assert.deepEqual(at(st402c, 0.05, "1"), { B: 1.5, C: 1 });
		assert.deepEqual(at(st402c, 0.1, "1"), { A: 2.5, B: 1.5, C: 1 });
		assert.deepEqual(at(st402c, 0.25, "0.8 cap"), { A: 2, B: 1, C: 0.5 });
		assert.equal(at(st402c, 100, "1"), undefined);
		const alone = allPoints(st402d).filter(({ group }) => group === "L3 alone, import");
		assert.deepEqual(new Set(alone.map(({ limits }) => limits.C)), new Set([0.6, 1]));
	});

	it("takes from shapes what their definition says", () => {
		const share = (shape: typeof halfWave, order: number) =>
			shape.harmonics.find((harmonic) => harmonic.order === order)?.fraction ?? 0;
		const near = (value: number, wanted: number) =>
			assert.ok(Math.abs(value - wanted) < 1e-3, `${value} for ${wanted}`);
		// Half wave of crest 1: mean 1/π, fundamental 1/2, second 2/(3π).
		near(share(halfWave, 0), Math.SQRT2 / Math.PI / 0.5);
		near(share(halfWave, 2), 2 / (3 * Math.PI) / 0.5);
		near(halfWave.fundamental, 0.5 / Math.SQRT2);
		near(halfWave.lag_deg, 0);
		// Phase-fired at 90°: a1 = 1/2, b1 = 1/π.
		near(phaseFired.fundamental, Math.hypot(0.5, 1 / Math.PI) / Math.SQRT2);
		near(phaseFired.lag_deg, (Math.atan(2 / Math.PI) * 180) / Math.PI);
		near(share(phaseFired, 2), 0);
		near(burst.fundamental, 0.5 / Math.SQRT2);
		assert.ok(share(burst, 0.75) > 0.5 && share(burst, 0) === 0);
	});
});

describe("bench/accuracy: short run", () => {
	for (const model of models) {
		describe(model.name, () => {
			let campaign: Campaign;

			before(async () => {
				campaign = await runCampaign(model, [1], "quick", () => undefined);
			});

			it("F18 F47 active energy is within a third of class C at every quick point, by the LED", () => {
				const active = campaign.points.filter(({ point }) => point.quantity === "active");
				assert.equal(active.length, quickPoints(model).filter(({ quantity }) => quantity === "active").length);
				assert.ok(active.length >= 10);
				assert.ok(worstShare(active) <= targets.active_percent, `${worstShare(active)} %`);
			});

			it("F19 F49 reactive energy is within half of class 2 at every quick point, by its LED", () => {
				const reactive = campaign.points.filter(({ point }) => point.quantity === "reactive");
				assert.ok(reactive.length >= 12);
				assert.ok(worstShare(reactive) <= targets.reactive_percent, `${worstShare(reactive)} %`);
			});

			it("F18 finds every mistake that is made on purpose", () => {
				assert.equal(campaign.controls.length, model.phases === 1 ? 4 : 5);
				for (const control of campaign.controls) assert.ok(isControlFailed(control), control.name);
			});

			it("F18 F22 F23 F27 voltage, frequency, phase order and missing phases change the error less than the classes C and 2 allow", () => {
				assert.equal(campaign.influences.length, model.phases === 1 ? 20 : 24);
				for (const { name, limits, changes_percent } of campaign.influences) {
					for (const change of changes_percent)
						assert.ok(Math.abs(change) <= strictest(limits), `${name}: ${change} %`);
				}
			});

			it("F20 starts in each direction, registers nothing without current, and registers within 5 s of start-up", () => {
				assert.equal(campaign.creep.length, 7);
				for (const { name, found, isPassed } of campaign.creep) assert.ok(isPassed, `${name}: ${found}`);
			});

			it("writes a report that says so, the same every time", () => {
				const report = writeReport([campaign], "accuracy");
				assert.equal(report, writeReport([campaign], "accuracy"));
				for (const { name } of campaign.controls) assert.ok(report.includes(name));
				assert.ok(verdicts(campaign).every(({ isMet }) => isMet));
				assert.ok(!report.includes("**no**") && !/NaN|undefined/.test(report));
				for (const svg of [plotErrors(campaign), plotShares([campaign]), plotInfluences([campaign])]) {
					assert.match(svg, /^<svg [\s\S]*<\/svg>\n$/);
					assert.ok(!svg.includes("NaN"));
				}
			});
		});
	}

	it("F18 a report tells a control that was not found and a point that is out", async () => {
		const campaign = await runCampaign(st402c, [1], "quick", () => undefined);
		const [control, ...others] = campaign.controls;
		const worst = control!.worst.map((found) => ({ ...found, error_percent: 0.01 }));
		const blind = { ...campaign, controls: [{ ...control!, worst }, ...others] };
		assert.ok(verdicts(blind).some(({ name, isMet }) => name.startsWith("negative controls") && !isMet));
		assert.ok(writeReport([blind], "accuracy").includes("**no**"));
		const [point, ...rest] = campaign.points;
		const wrong = { ...campaign, points: [{ ...point!, errors_percent: [0.4] }, ...rest] };
		assert.ok(verdicts(wrong).some(({ name, isMet }) => name.startsWith("active energy") && !isMet));
	});
});

describe("bench/accuracy: signs and transients", () => {
	for (const model of models) {
		it(`F06 F17 G15 ${model.name}: quadrants, direction changes and jumps of the voltage leave the registers right`, async () => {
			const station = await Station.open({ model, seed: 3, gear: "phasor" });
			station.run(5);
			for (const { name, found, isPassed } of [
				await testQuadrants(station, model),
				await testDirectionChanges(station, model),
				await testTransients(station, model),
			]) {
				assert.ok(isPassed, `${name}: ${found}`);
			}
		});
	}

	it("F18 the test of the quadrants finds a current transformer that is turned round", async () => {
		const station = await Station.open({ model: sm402d, seed: 3, gear: "phasor" });
		const apply = station.apply.bind(station);
		station.apply = (load) => apply({ ...load, miswired_deg: [180] });
		station.run(5);
		assert.equal((await testQuadrants(station, sm402d)).isPassed, false);
	});
});

describe("bench/accuracy: both gears", () => {
	for (const model of models) {
		it(`F14 F15 F18 ${model.name}: one calibration serves both gears: U, I and P within 0.03 % sample by sample`, async () => {
			const station = await Station.open({ model, seed: 2, gear: "waveform" });
			const current_A = model.referenceCurrent_mA / 1000;
			station.apply({ current_A, angle_deg: 0 });
			station.run(5);
			const { metrology } = station.meter.meter.application;
			const sums = { voltage: 0, current: 0, power: 0 };
			const seconds = 8;
			for (let n = 0; n < seconds; n++) {
				station.run(1);
				sums.voltage += metrology.voltage_mV(1) / 1000;
				sums.current += metrology.current_mA(1) / 1000;
				sums.power += metrology.power_mW(1) / 1000;
			}
			const error = (sum: number, wanted: number) => 100 * (sum / seconds / wanted - 1);
			const voltage_V = model.nominalVoltage_V;
			for (const [what, found] of [
				["U", error(sums.voltage, voltage_V)],
				["I", error(sums.current, current_A)],
				["P", error(sums.power, voltage_V * current_A * model.phases)],
			] as const) {
				assert.ok(Math.abs(found) <= 0.03, `${what}: ${found} %`);
			}
		});
	}

	it("runs its waveform points where the phasor gear has them too", () => {
		for (const model of models) {
			const named = waveformPoints(model).map(({ group, current_A, factor }) => `${group} ${current_A} ${factor}`);
			assert.equal(named.length, model.phases === 1 ? 6 : 7);
		}
	});
});
