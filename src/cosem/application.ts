// SPDX-License-Identifier: Apache-2.0
import type { Billing } from "../billing/billing.js";
import type { BackupCell } from "../clock/backup-cell.js";
import type { DateTime } from "../clock/date-time.js";
import type { MeterClock } from "../clock/meter-clock.js";
import type { Limits } from "../control/limits.js";
import type { SupplyControl } from "../control/supply-control.js";
import type { SwitchingPolicy } from "../control/switching-policy.js";
import type { EventLogs } from "../events/event-logs.js";
import type { FraudWatch } from "../events/fraud-watch.js";
import type { StoredLocalPortSetup } from "../iec62056-21/stored-local-port-setup.js";
import type { InputsOutputs } from "../io/inputs-outputs.js";
import type { Averages } from "../metrology/demand/averages.js";
import type { Demand } from "../metrology/demand/demand.js";
import type { HarmonicsView } from "../metrology/harmonics-view.js";
import type { TransformerSetting } from "../metrology/registration.js";
import type { MetrologyView } from "../metrology/view.js";
import type { DeviceIdentity } from "../models/identity.js";
import type { ModelDescriptor } from "../models/model.js";
import type { Cipher } from "../ports/cipher.js";
import type { Housing } from "../ports/housing.js";
import type { PowerQuality } from "../power-quality/power-quality.js";
import type { ProfileRow } from "../profile/profile-row.js";
import type { Profiles } from "../profile/profiles.js";
import type { RecordingInterval } from "../profile/recording-interval.js";
import type { RowLogs } from "../profile/row-logs.js";
import type { EntrySchedule } from "../schedule/entry-schedule.js";
import type { Schedules } from "../schedule/schedules.js";
import type { ChangeCounter } from "../storage/change-counter.js";
import type { OctetParameters } from "../storage/octet-parameters.js";
import type { Calendars } from "../tariff/calendars.js";
import type { Tariff } from "../tariff/tariff.js";
import type { ConsumerMessages } from "./consumer-messages.js";
import type { AlarmMonitors } from "./events/alarm-monitors.js";
import type { ClientEvents } from "./events/client-events.js";
import type { FunctionList } from "./functions/function-list.js";
import type { StoredHdlcSetup } from "./hdlc/stored-hdlc-setup.js";
import type { ObjectDirectory } from "./object-directory.js";
import type { ParameterMonitor } from "./parameters/parameter-monitor.js";
import type { AttributeShape, StoredAttributes } from "./parameters/stored-attributes.js";
import type { Push } from "./push/push.js";
import type { PushSettings } from "./push/push-settings.js";
import type { LiveList } from "./readout/live-list.js";
import type { Scripts } from "./scripts/scripts.js";
import type { PortProtection } from "./security/port-protection.js";
import type { SecurityState } from "./security/security-state.js";
import type { UserLists } from "./security/user-lists.js";
import type { StoredTcpUdpSetup } from "./wrapper/stored-tcp-udp-setup.js";

/** One part of the firmware, legally relevant or not (WELMEC 7.2). */
export interface FirmwarePart {
	/** ASCII text, as shown on the display. */
	readonly identifier: Uint8Array;
	/** SHA-256 over the part, 32 octets. */
	readonly checksum: Uint8Array;
}

/** The meter as the object model sees it. */
export interface Application {
	readonly model: ModelDescriptor;
	/** What the memory and the time of the host allow. */
	readonly size: "board" | "desktop";
	readonly identity: DeviceIdentity;
	readonly firmware: { readonly metrology: FirmwarePart; readonly application: FirmwarePart };
	readonly directory: ObjectDirectory;
	readonly security: SecurityState;
	readonly users: UserLists;
	/** Against those who try keys at a port. */
	readonly portProtection: PortProtection;
	/** Setup of the optical port, which the link layer obeys. */
	readonly opticalPort: StoredLocalPortSetup;
	readonly opticalHdlc: StoredHdlcSetup;
	/** Of RS485 port 1; undefined without the option. */
	readonly rs485Hdlc: StoredHdlcSetup | undefined;
	/** Role of RS485 port 1, one of `rs485Role`. */
	readonly rs485Role: number;
	/** What the IP link layer obeys; undefined without the option. */
	readonly tcpUdp: StoredTcpUdpSetup | undefined;
	readonly metrology: MetrologyView;
	/** When the board was calibrated, seconds since 2000 UTC; undefined when that is not known. */
	readonly calibrated_s: number | undefined;
	/** The calibration is there and sound. */
	readonly isCalibrated: boolean;
	readonly harmonics: HarmonicsView;
	readonly cipher: Cipher;
	readonly clock: MeterClock;
	readonly events: EventLogs;
	readonly demand: Demand;
	readonly averages: Averages;
	readonly powerQuality: PowerQuality;
	/** What the optical port reads out in mode C. */
	readonly readoutList: LiveList;
	readonly profiles: Profiles;
	readonly billing: Billing;
	readonly interval: RecordingInterval;
	/** Scratch for rows on their way out. */
	readonly profileRow: ProfileRow;
	readonly rowLogs: RowLogs;
	/** Runs scripts of script tables, for whoever asks. */
	readonly scripts: Scripts;
	/** Undefined where nothing was ordered against the switching of many meters at once. */
	readonly switching: SwitchingPolicy | undefined;
	readonly schedules: Schedules;
	/** The schedule 0-0:12.0.0. */
	readonly entrySchedule: EntrySchedule;
	/** The supply switch; undefined without the option. */
	readonly supplyControl: SupplyControl | undefined;
	/** Limiters and supervision monitors; undefined without the option. */
	readonly limits: Limits | undefined;
	/** Inputs, outputs and auxiliary relays; undefined without the option. */
	readonly io: InputsOutputs | undefined;
	readonly fraud: FraudWatch;
	/** What clients do. */
	readonly clientEvents: ClientEvents;
	readonly alarmMonitors: AlarmMonitors;
	readonly push: Push;
	readonly pushSettings: PushSettings;
	readonly tariff: Tariff;
	readonly calendars: Calendars;
	readonly changes: ChangeCounter;
	readonly monitor: ParameterMonitor;
	readonly octetParameters: OctetParameters;
	/** For the request in progress; contents do not outlive the encoding or decoding of one value. */
	readonly time: DateTime;
	readonly scratch: Uint8Array;
	readonly housing: Housing;
	/** Attributes of an object that nothing but the object looks at. @param key record of the parameters */
	stored(key: number, shape: AttributeShape): StoredAttributes;
	/** The list 0-0:21.0.`e` of the display, 1..4, made for the one who asks. */
	displayList(e: number): LiveList;
	consumerMessages(): ConsumerMessages;
	/** Of function control, made for the one who asks. */
	functions(): FunctionList;
	/** The cell behind the clock part, made for the one who asks. */
	backupCell(): BackupCell;
	/** The switch below the verification seal is open now: the metrology client may associate and write. */
	isSealOpen(): boolean;
	/** Setup of RS485 port 1, which nothing but its object looks at. */
	rs485Port(): StoredLocalPortSetup;
	/** Stores the role, then takes effect. @throws DeviceError, and nothing changed */
	changeRs485Role(role: number): void;
	/** Monotonic time of the meter. */
	monotonic_ms(): number;
	/** Monotonic time of the request in progress. */
	now_ms(): number;
	/** Period that "measuring period" means for the clock's methods, seconds. */
	measuringPeriod_s(): number;
	/** To be called by a class after a client's write of a `config` attribute has been stored. */
	parameterChanged(): void;
	/** The same for a metrological or security parameter. */
	protectedParameterChanged(): void;
	/** As `Metrology.mayRegister`. */
	mayRegister(setting: TransformerSetting): boolean;
	/**
	 * Sets transformers and side of registration; before that, running intervals and periods end.
	 * @returns false when it is refused. @throws DeviceError, with the setting as it was
	 */
	changeRegistration(setting: TransformerSetting): boolean;
	/** Begins or ends the test mode, with its event; running intervals of load profiles get an extra row that says so. */
	setTestMode(isOn: boolean): void;
	/** Whether the test outputs can have this constant, impulses per kWh, kvarh, kVAh. */
	maySetLedConstant(constant: number): boolean;
	/** What the test outputs give impulses of: `ledSource` of each. */
	readonly ledSources: readonly number[];
	/** As `Metrology.setLedSources`. */
	setLedSources(sources: readonly number[]): boolean;
	/** As `Metrology.setLedConstant`. */
	setLedConstant(constant: number, quantity: number): boolean;
	/** The same for tariff scripts and register activation. */
	tariffSchemeChanged(): void;
	/** To be called when a value of an energy register is put into a response: it must never be undercut after a restart. */
	energyGiven(): void;
	/** Called by the server before a response leaves: makes durable what `energyGiven` announced. */
	beforeResponse(): void;
}
