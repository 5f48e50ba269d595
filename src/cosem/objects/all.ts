// SPDX-License-Identifier: Apache-2.0
import { indexObjects } from "../object-directory.js";
import { arrayManagerObjects } from "./array-manager.js";
import { averageObjects } from "./averages.js";
import { batteryObjects } from "./battery.js";
import { billingObjects } from "./billing.js";
import { clockObjects } from "./clock.js";
import { compactObjects } from "./compact.js";
import { demandObjects } from "./demand.js";
import { displayObjects } from "./display.js";
import { energyObjects } from "./energy.js";
import { entrySignatureObjects } from "./entry-signature.js";
import { eventObjects } from "./events.js";
import { fraudObjects } from "./fraud.js";
import { functionControlObjects } from "./function-control.js";
import { harmonicsObjects } from "./harmonics.js";
import { identityObjects } from "./identity.js";
import { instantaneousObjects } from "./instantaneous.js";
import { ioObjects } from "./io.js";
import { ipObjects } from "./ip.js";
import { limiterObjects } from "./limiters.js";
import { operatingStatusObjects } from "./operating-status.js";
import { portObjects } from "./ports.js";
import { powerQualityObjects } from "./power-quality.js";
import { profileObjects } from "./profiles.js";
import { pushObjects } from "./push.js";
import { ratingObjects } from "./ratings.js";
import { readoutObjects } from "./readout.js";
import { rowLogObjects } from "./row-logs.js";
import { scheduleObjects } from "./schedules.js";
import { scriptObjects } from "./scripts.js";
import { securityObjects } from "./security.js";
import { supplyObjects } from "./supply.js";
import { tariffObjects } from "./tariff.js";

/** Every object of every model, in the order in which object lists name them. Made once, at link time on the board. */
export const objectIndex = indexObjects([
	identityObjects,
	clockObjects,
	securityObjects,
	energyObjects,
	instantaneousObjects,
	demandObjects,
	averageObjects,
	ratingObjects,
	powerQualityObjects,
	harmonicsObjects,
	profileObjects,
	entrySignatureObjects,
	billingObjects,
	eventObjects,
	operatingStatusObjects,
	batteryObjects,
	portObjects,
	ipObjects,
	readoutObjects,
	displayObjects,
	compactObjects,
	tariffObjects,
	scriptObjects,
	functionControlObjects,
	scheduleObjects,
	pushObjects,
	rowLogObjects,
	arrayManagerObjects,
	supplyObjects,
	limiterObjects,
	fraudObjects,
	ioObjects,
]);
