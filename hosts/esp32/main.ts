// SPDX-License-Identifier: Apache-2.0
import config from "mc/config";
import { readFactoryValue } from "./adapters/key-store.js";
import { TraceLog } from "./adapters/trace-log.js";
import { allowsTestKeys, boardSettings, framOctets } from "./board-settings.js";
import { atCalibrationBench, type CalibrationHost } from "./calibration-host.js";
import { loadFactoryKeys } from "./factory-keys.js";
import { MeterHost } from "./meter-host.js";
import { EspCipher } from "./native/esp-cipher.js";

/**
 * Called by the runtime after set-up. A meter without keys of its own does not start; the log says why. On a calibration
 * bench the board is no meter yet.
 */
export default function start(): MeterHost | CalibrationHost | undefined {
	const log = new TraceLog();
	const cipher = new EspCipher();
	try {
		const isDevelopment = allowsTestKeys(config);
		const keys = loadFactoryKeys(readFactoryValue, cipher, isDevelopment);
		if (isDevelopment) log.write("warning", "main", "this build accepts published test keys");
		const settings = boardSettings(config, keys);
		return atCalibrationBench(settings.model) ?? new MeterHost(settings, framOctets(config), cipher, log);
	} catch (error) {
		log.write("error", "main", `not started: ${error instanceof Error ? error.message : "unknown"}`);
		return undefined;
	}
}
