// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { ConflictError } from "../../../../hosts/simulator/panel/instrument.js";
import { createPanel, type Panel } from "../../../../hosts/simulator/panel/panel.js";
import { launchChromium } from "./chromium.js";
import { FakeInstrument } from "./fake-instrument.js";

/** The usual figures of seven-segment digits, written down apart from the page's own table. */
const figures: Readonly<Record<string, string>> = Object.freeze({
	"": " ",
	abcdef: "0",
	bc: "1",
	abdeg: "2",
	abcdg: "3",
	bcfg: "4",
	acdfg: "5",
	acdefg: "6",
	abc: "7",
	abcdefg: "8",
	abcdfg: "9",
	g: "-",
	abcefg: "A",
	cdefg: "B",
	adef: "C",
	bcdeg: "D",
	adefg: "E",
	aefg: "F",
});

/** What one reads on the glass, from the segments that are lit. */
async function readGlass(page: Page, part: "code" | "value"): Promise<string> {
	const digits = await page
		.locator(`.segments.${part} .digit`)
		.evaluateAll((groups) =>
			groups.map((group) =>
				[...group.querySelectorAll(".on[data-segment]")].map((element) => element.getAttribute("data-segment") ?? ""),
			),
		);
	return digits
		.map((lit) => {
			const bars = lit.filter((name) => name.length === 1).sort();
			const figure = figures[bars.join("")] ?? "?";
			return figure + (lit.includes("point") ? "." : "") + (lit.includes("colon") ? ":" : "");
		})
		.join("")
		.trim();
}

describe("front panel in Chromium", function () {
	this.timeout(60_000);
	let browser: Browser;
	let instrument: FakeInstrument;
	let panel: Panel;
	let page: Page;
	let complaints: string[];
	let foreign: string[];

	async function openPage(
		url = `http://127.0.0.1:${panel.port}/`,
		viewport = { width: 1280, height: 800 },
	): Promise<Page> {
		const opened = await browser.newPage({ viewport });
		opened.on("console", (message) => {
			if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
		});
		opened.on("pageerror", (error) => complaints.push(String(error)));
		opened.on("request", (request) => {
			if (!request.url().startsWith(`http://127.0.0.1:${panel.port}/`)) foreign.push(request.url());
		});
		await opened.goto(url);
		return opened;
	}

	/** Waits until an element shows a text. */
	async function shows(selector: string, text: string): Promise<void> {
		await page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout: 10_000 });
	}

	async function glassShows(part: "code" | "value", text: string): Promise<void> {
		await page.locator(`.segments.${part}[aria-label="${text}"]`).waitFor({ timeout: 10_000 });
		assert.equal(await readGlass(page, part), text);
	}

	/** How many pixels of a chart have just this colour, and the colours at some places given as shares of its size. */
	function look(
		chart: string,
		colour: string,
		places: readonly (readonly [x: number, y: number])[] = [],
	): Promise<{ count: number; at: string[] }> {
		return page.locator(`${chart} canvas`).evaluate(
			(element, [wanted, points]) => {
				interface Canvas {
					readonly width: number;
					readonly height: number;
					getContext(kind: "2d"): {
						getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray };
					};
				}
				const canvas = element as unknown as Canvas;
				const { width, height } = canvas;
				const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
				const rgb = (n: number) => `${data[4 * n]},${data[4 * n + 1]},${data[4 * n + 2]}`;
				let count = 0;
				for (let n = 0; n < width * height; n++) if (rgb(n) === wanted) count++;
				const at = points.map(([x, y]) => rgb(Math.round(y * (height - 1)) * width + Math.round(x * (width - 1))));
				return { count, at };
			},
			[colour, places] as const,
		);
	}

	before(async () => {
		browser = await launchChromium();
	});
	after(() => browser?.close());

	beforeEach(async () => {
		complaints = [];
		foreign = [];
		instrument = new FakeInstrument({ household: 1, startOfDay_s: 66_600 });
		instrument.setHousehold(false);
		panel = await createPanel({ host: "127.0.0.1", port: 0, instrument });
		page = await openPage();
		await page.locator("main").waitFor();
		await shows(".status", "live");
	});
	afterEach(async () => {
		await page.close();
		await panel.close();
	});

	it("F46: lights just the segments of what the display port delivers", async () => {
		await glassShows("value", "0012345.6");
		await glassShows("code", "1.8.0");
		await shows(".lcd-unit", "kWh");
		for (const [code, value, unit] of [
			["0.9.1", "23:59:58", ""],
			["0.9.2", "26-11-24", ""],
			["16.7.0", "-1.785", "kW"],
			["0.2.8", "7B9ACDEF", ""],
			["2.8.0", "0000000.0", "kWh"],
		] as const) {
			instrument.picture = { code, value, unit };
			await glassShows("value", value);
			await glassShows("code", code);
			assert.equal(await page.locator(".lcd-unit").textContent(), unit);
		}
	});

	it("shows the nameplate and the measured values", async () => {
		const face = (await page.locator(".face").textContent()) ?? "";
		for (const text of [
			"ST402D",
			"12345678",
			"SXF1030312345678",
			"3\u00d7230/400 V",
			"50 Hz",
			"5(100) A",
			"1000 imp/kWh",
		]) {
			assert.ok(face.includes(text), text);
		}
		instrument.setPhase(1, { voltage_V: 230, current_A: 10, powerFactor: 0.5 });
		instrument.setPhase(3, { voltage_V: 240, current_A: 5, powerFactor: -1 });
		// U I cos φ and U I sin φ, by hand
		for (const [quantity, text] of [
			["U1", "230.0V"],
			["I1", "10.00A"],
			["P1", "1150W"],
			["Q1", "1992var"],
			["S1", "2300VA"],
			["PF1", "0.500"],
			["P3", "\u22121200W"],
			["PF3", "\u22121.000"],
			["P", "\u221250.0W"],
		] as const) {
			await shows(`[data-quantity="${quantity}"]`, text);
		}
		await shows('[data-quantity="f"]', "50.000 Hz");
		await shows('[data-register="2.8.0"]', "210.0123kWh");
	});

	it("S1: moves the voltage with the slider, and the page shows what is rendered then", async () => {
		const slider = page.getByLabel("L1 voltage slider", { exact: true });
		const box = (await slider.boundingBox())!;
		await page.mouse.move(box.x + box.width * 0.77, box.y + box.height / 2);
		await page.mouse.down();
		for (const share of [0.7, 0.66, 0.62, 0.58, 0.54, 0.5]) {
			await page.mouse.move(box.x + box.width * share, box.y + box.height / 2);
		}
		await page.mouse.up();
		await page.locator('[data-quantity="U1"] b', { hasText: /^1(4[5-9]|5[0-5])\.\d$/ }).waitFor(); // half of 299 V
		const rendered_V = instrument.grid.status(1).voltage_V;
		assert.ok(rendered_V > 145 && rendered_V < 155);
		assert.equal(instrument.grid.status(2).voltage_V, 230);
		await shows('[data-quantity="U1"]', `${rendered_V.toFixed(1)}V`);
		await slider.press("End");
		await shows('[data-quantity="U1"]', "299.0V");
	});

	it("S1: takes exact values, and all four quadrants of a load", async () => {
		const enter = async (label: string, value: string) => {
			const field = page.getByLabel(label, { exact: true });
			await field.selectText();
			await field.pressSequentially(value, { delay: 90 }); // slower than the state is pushed
			await field.press("Enter");
		};
		await enter("L2 current", "10");
		await shows('[data-quantity="I2"]', "10.00A");
		await enter("L2 power factor", "0.6");
		await shows('[data-quantity="P2"]', "1380W");
		await shows('[data-quantity="Q2"]', "1840var");
		const phase = page.locator('[data-phase="2"]');
		await phase.getByText("capacitive").click();
		await shows('[data-quantity="Q2"]', "\u22121840var");
		await phase.getByText("export").click();
		await shows('[data-quantity="P2"]', "\u22121380W");
		await shows('[data-quantity="Q2"]', "\u22121840var");
		await phase.getByText("inductive").click();
		await shows('[data-quantity="Q2"]', "1840var");
		await enter("L2 power factor", "0"); // the direction is remembered where the angle does not tell it
		await shows('[data-quantity="Q2"]', "2300var");
		await enter("L2 power factor", "1");
		await shows('[data-quantity="P2"]', "\u22122300W");
		await enter("frequency", "49.25");
		await shows('[data-quantity="f"]', "49.250 Hz");
	});

	it("gives a phase back to the household and takes it over", async () => {
		await page.getByLabel("L1 household").click();
		await shows('[data-phase="1"] .appliances', "standby");
		assert.ok(instrument.household!.isActive(1));
		await page.getByLabel("L1 current slider").press("ArrowRight");
		await shows('[data-phase="1"] .appliances', "set by hand");
		assert.equal(instrument.household!.isActive(1), false);
	});

	it("S3: opens the seal and closes it again", async () => {
		const seal = page.getByLabel("sealOpen");
		await seal.click();
		await page.getByText("Seal open").waitFor();
		assert.equal(instrument.housing.state().sealOpen, true);
		await seal.click();
		await page.getByText("Seal closed").waitFor();
	});

	it("F67 F68: puts voltage on an input, gives a relay a fault, and shows what became of them", async () => {
		await page.getByRole("button", { name: "input 2", exact: true }).click();
		await page.locator('[aria-label="input 2"][aria-pressed="true"]').waitFor();
		assert.deepEqual(instrument.state().io!.inputs, [false, true, false, false]);
		await page.getByRole("button", { name: "input 2", exact: true }).click();
		await page.locator('[aria-label="input 2"][aria-pressed="false"]').waitFor();
		for (const fault of ["welded", "stuck", "none"] as const) {
			await page.getByRole("button", { name: "relay fault 1", exact: true }).click();
			await page.locator(`[aria-label="relay fault 1"]:text-is("${fault === "none" ? "ok" : fault}")`).waitFor();
			assert.equal(instrument.state().io!.relays[0]!.fault, fault);
		}
	});

	it("F47: flashes the active LED for pulses, and only that one", async () => {
		instrument.setPhase(1, { current_A: 10, powerFactor: 1 });
		await page.evaluate(`for (const led of document.querySelectorAll(".led")) {
			const lens = led.querySelector(".lens");
			led.dataset.flashes = "0";
			new MutationObserver(() => {
				if (lens.classList.contains("lit")) led.dataset.flashes = String(Number(led.dataset.flashes) + 1);
			}).observe(lens, { attributes: true });
		}`);
		for (let pulses = 1; pulses <= 3; pulses++) {
			while (instrument.leds().active.count < pulses) instrument.step(100);
			await page.locator(`[data-led="active"][data-flashes="${pulses}"]`).waitFor({ timeout: 10_000 });
			await page.locator('[data-led="active"] .lens:not(.lit)').waitFor();
		}
		await page.locator('[data-led="active"][data-count="3"]').waitFor();
		assert.equal(await page.locator('[data-led="reactive"]').getAttribute("data-flashes"), "0");
	});

	it("draws each voltage where its angle is, and the currents", async () => {
		instrument.setPhase(1, { current_A: 10, angle_deg: 90 });
		instrument.step(1000);
		await shows('[data-quantity="I1"]', "10.00A");
		const { width, height } = (await page.locator(".phasors canvas").boundingBox())!;
		const radius = 0.84 * 0.5 * Math.min(width, height);
		const place = (angle_deg: number): readonly [number, number] => {
			const angle = (angle_deg * Math.PI) / 180;
			return [0.5 + (Math.cos(angle) * 0.6 * radius) / width, 0.5 - (Math.sin(angle) * 0.6 * radius) / height];
		};
		const { count, at } = await look(".phasors", "164,86,31", [place(0), place(-120), place(120), place(45)]);
		assert.deepEqual(at.slice(0, 3), ["164,86,31", "35,43,53", "138,151,166"]); // brown, black, grey
		assert.ok(!["164,86,31", "35,43,53", "138,151,166"].includes(at[3]!));
		assert.ok(count > 100);
	});

	it("draws the trend of the active power", async () => {
		assert.equal((await look(".trend", "35,43,53")).count, 0);
		instrument.setPhase(2, { current_A: 10, powerFactor: 1 });
		for (let second = 1; second <= 5; second++) {
			instrument.step(1000);
			await shows('[data-quantity="time"]', `18:30:0${second}`);
		}
		assert.ok((await look(".trend", "35,43,53")).count > 50);
	});

	it("S5: sets the speed and steps meter time", async () => {
		await page.getByRole("button", { name: "60\u00d7", exact: true }).click();
		await page.locator('[aria-label="speed"] [aria-pressed="true"]', { hasText: "60\u00d7" }).waitFor();
		assert.equal(instrument.speed, 60);
		await page.getByRole("button", { name: "Stop" }).click();
		await page.locator('[aria-label="speed"] [aria-pressed="true"]', { hasText: "Stop" }).waitFor();
		assert.equal(instrument.speed, 0);
		await page.getByRole("button", { name: "15 min" }).click();
		await shows('[data-quantity="time"]', "18:45:00");
	});

	it("S2: goes dark when the supply is cut", async () => {
		await page.getByLabel("supply").click();
		await page.locator(".lcd.dark").waitFor();
		assert.equal(await page.locator(".segments .on").count(), 0);
		await shows('[data-quantity="U1"]', "\u2013");
		await page.getByLabel("supply").click();
		await glassShows("value", "0012345.6");
	});

	it("says why something was refused, until something is done again", async () => {
		const setMains = instrument.setMains.bind(instrument);
		instrument.setMains = () => {
			throw new ConflictError("the mains can not be changed today");
		};
		await page.getByText("N broken").click();
		await shows('[role="alert"]', "the mains can not be changed today");
		assert.equal(complaints.splice(0).filter((text) => !text.includes("409")).length, 0); // the browser notes the status
		instrument.setMains = setMains;
		await page.getByText("N broken").click();
		await page.locator('[role="alert"]').waitFor({ state: "detached" });
		assert.equal(instrument.grid.neutralConnected, false);
	});

	it("tells when the simulator is gone, and goes on when it is back", async () => {
		const { port } = panel;
		await panel.close();
		await shows(".status", "connection lost");
		panel = await createPanel({ host: "127.0.0.1", port, instrument });
		await shows(".status", "live");
		instrument.setPhase(1, { voltage_V: 222 });
		await shows('[data-quantity="U1"]', "222.0V");
		complaints.length = 0; // the browser notes each connection that failed
	});

	it("SEC-ctl: asks for the token where one is needed, or finds it in the address", async () => {
		await panel.close();
		panel = await createPanel({ host: "0.0.0.0", port: 0, instrument });
		const asked = await openPage();
		await asked.getByLabel("token").fill(panel.token!);
		await asked.getByText("Enter").click();
		await asked.locator(".status.open").waitFor();
		await asked.close();
		const given = await openPage(`http://127.0.0.1:${panel.port}/#token=${panel.token}`);
		await given.locator(".status.open").waitFor();
		assert.equal(given.url(), `http://127.0.0.1:${panel.port}/`);
		await given.getByRole("button", { name: "10\u00d7" }).click();
		await given.locator('[aria-label="speed"] [aria-pressed="true"]', { hasText: "10\u00d7" }).waitFor();
		await given.close();
		complaints = complaints.filter((text) => !text.includes("401") && !text.includes("ERR_CONNECTION"));
		complaints = complaints.filter((text) => !text.includes("WebSocket")); // of the page of the panel that was closed
		assert.deepEqual(complaints, []);
	});

	it("fits a laptop without scrolling and a phone without scrolling sideways", async () => {
		const size = (of: Page) => of.locator(":root").evaluate((root) => [root.scrollWidth, root.scrollHeight]);
		assert.deepEqual(await size(page), [1280, 800]);
		const phone = await openPage(undefined, { width: 390, height: 844 });
		await phone.locator("main").waitFor();
		assert.equal((await size(phone))[0], 390);
		await phone.close();
	});

	it("makes no request to another host and no complaint on the console", async () => {
		instrument.setPhase(1, { current_A: 3 });
		instrument.step(3000);
		await shows('[data-quantity="time"]', "18:30:03");
		await page.locator(".trend canvas").hover();
		await page.locator(".trend .chart > div").nth(1).waitFor(); // the tool tip
		assert.deepEqual(complaints, []);
		assert.deepEqual(foreign, []);
	});
});
