// SPDX-License-Identifier: Apache-2.0

/** What a test wants to have in a recording. `values[c][n]` are stored numbers: before a and b. */
export interface Draft {
	readonly revision?: string;
	readonly type: string;
	readonly names: readonly string[];
	readonly values: readonly (readonly number[])[];
	readonly unit?: (name: string) => string;
	readonly a?: number;
	readonly b?: number;
	readonly skew_us?: number;
	readonly digital?: number;
	/** Lines `rate,last`; one rate of 4000 Hz when left out. */
	readonly rates?: readonly (readonly [number, number])[];
	readonly stamps?: readonly number[];
	readonly multiplier?: number;
	readonly start?: string;
	readonly greatest?: number;
}

export function cfgOf(draft: Draft): string {
	const count = draft.values[0]!.length;
	const digital = draft.digital ?? 0;
	const rates = draft.rates ?? [[4000, count]];
	const unit = draft.unit ?? ((name: string) => (/^[uv]/i.test(name) ? "V" : "A"));
	const isOld = draft.revision === "";
	const lines = [isOld ? "station,device" : `station,device,${draft.revision ?? "2013"}`];
	lines.push(`${draft.names.length + digital},${draft.names.length}A,${digital}D`);
	for (const [n, name] of draft.names.entries()) {
		const scale = `${draft.a ?? 1},${draft.b ?? 0},${draft.skew_us ?? 0}`;
		const line = `${n + 1},${name},,,${unit(name)},${scale},-32767,${draft.greatest ?? 32767}`;
		lines.push(isOld ? line : `${line},1,1,P`);
	}
	for (let n = 0; n < digital; n++) lines.push(`${n + 1},trip,,,0`);
	const isStamped = rates[0]![0] === 0;
	lines.push("50", isStamped ? "0" : String(rates.length));
	for (const [rate, last] of rates) lines.push(`${rate},${last}`);
	const start = draft.start ?? "01/01/2026,00:00:00.000000";
	lines.push(start, start, draft.type);
	if (!isOld) lines.push(String(draft.multiplier ?? 1));
	if ((draft.revision ?? "2013") === "2013") lines.push("0,0", "B,0");
	return `${lines.join("\r\n")}\r\n`;
}

export function datOf(draft: Draft): Uint8Array {
	const count = draft.values[0]!.length;
	const digital = draft.digital ?? 0;
	const stamp = (n: number) => draft.stamps?.[n] ?? n * 250;
	if (draft.type === "ASCII") {
		let text = "";
		for (let n = 0; n < count; n++) {
			const fields = [n + 1, stamp(n), ...draft.values.map((v) => (Number.isNaN(v[n]!) ? "" : v[n]!))];
			for (let d = 0; d < digital; d++) fields.push(d & 1);
			text += `${fields.join(",")}\r\n`;
		}
		return new TextEncoder().encode(text);
	}
	const width = draft.type === "BINARY" ? 2 : 4;
	const record = 8 + width * draft.names.length + 2 * Math.ceil(digital / 16);
	const view = new DataView(new ArrayBuffer(record * count));
	for (let n = 0; n < count; n++) {
		const at = n * record;
		view.setUint32(at, n + 1, true);
		view.setUint32(at + 4, stamp(n), true);
		for (let c = 0; c < draft.names.length; c++) {
			const place = at + 8 + width * c;
			const value = draft.values[c]![n]!;
			if (draft.type === "BINARY") view.setInt16(place, Number.isNaN(value) ? -0x8000 : value, true);
			else if (draft.type === "BINARY32") view.setInt32(place, Number.isNaN(value) ? -0x8000_0000 : value, true);
			else view.setFloat32(place, value, true);
		}
		for (let d = 0; d < digital; d += 16) view.setUint16(at + record - 2 * Math.ceil((digital - d) / 16), 0xaaaa, true);
	}
	return new Uint8Array(view.buffer);
}

export function bytesOf(text: string): Uint8Array {
	return new TextEncoder().encode(text);
}
