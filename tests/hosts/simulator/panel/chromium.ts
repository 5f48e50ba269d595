// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const flags = [
	"--headless",
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
];

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/** The Chromium of this machine: `CHROMIUM` (path or name), else the first of the usual names that is installed. */
function chromiumPath(): string {
	const wanted = process.env["CHROMIUM"];
	const candidates = wanted === undefined || wanted === "" ? names : [wanted];
	const folders = (process.env["PATH"] ?? "").split(delimiter);
	const paths = candidates.flatMap((name) => (isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name))));
	const found = paths.find(isExecutable);
	if (found === undefined) throw new Error(`no Chromium found (${candidates.join(", ")}); set CHROMIUM`);
	return found;
}

export function launchChromium(): Promise<Browser> {
	return chromium.launch({ executablePath: chromiumPath(), args: flags });
}
