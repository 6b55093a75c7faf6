/** What lies in a task's directory: artifact, template, logs, dispatch_payload. */
import { bool, duration, integer, one, seconds, string, strings, type BlockSchema } from "./block.ts";
import { texts } from "./free.ts";

export const artifact: BlockSchema = {
  page: "artifact",
  doc: "A file that is fetched, and unpacked if it is an archive, before the task starts.",
  fields: {
    source: string("GetterSource", "Where it comes from.", { required: true }),
    destination: string("RelativeDest", "Where it goes, below the task's directory.", { default: "local/" }),
    mode: string("GetterMode", "Whether a file, a directory or either is expected.", {
      default: "any",
      values: ["any", "file", "dir"],
    }),
    options: one("GetterOptions", texts("artifact", "Options for fetching: checksum, archive, sshkey, ….")),
    headers: one("GetterHeaders", texts("artifact", "Headers of the HTTP request.")),
    insecure: bool("GetterInsecure", "Do not check the certificate of the server."),
    chown: bool("Chown", "Give what was fetched to the user of the task."),
  },
};

const changeScript: BlockSchema = {
  page: "change_script",
  doc: "The command that runs inside the task when a template has changed.",
  fields: {
    command: string("Command", "The program.", { required: true }),
    args: strings("Args", "Its arguments.", { default: [] }),
    timeout: duration("Timeout", "How long it may take.", { default: seconds(5) }),
    fail_on_error: bool("FailOnError", "Kill the task if the script fails."),
    run_on_first_render: bool("RunOnFirstRender", "Run it for the first rendering too."),
  },
};

const wait: BlockSchema = {
  page: "template",
  doc: "How long changes are gathered before the template is rendered again.",
  fields: {
    min: duration("Min", "The shortest wait.", { required: true, default: null }),
    max: duration("Max", "The longest wait.", { required: true, default: null }),
  },
};

export const template: BlockSchema = {
  page: "template",
  doc: "A file that is rendered from a template, again whenever what it draws on changes.",
  fields: {
    data: string("EmbeddedTmpl", "The template itself; excludes source."),
    source: string("SourcePath", "The file that holds the template; excludes data."),
    destination: string("DestPath", "Where the result goes, below the task's directory."),
    change_mode: string("ChangeMode", "What happens to the task when the result has changed.", {
      default: "restart",
      values: ["noop", "restart", "signal", "script"],
    }),
    change_signal: string("ChangeSignal", "The signal for the change mode signal."),
    change_script: one("ChangeScript", changeScript),
    env: bool("Envvars", "Read the result as KEY=value lines into the task's environment."),
    once: bool("Once", "Render once and watch nothing."),
    splay: duration("Splay", "A random pause up to this before the change takes effect.", {
      default: seconds(5),
    }),
    perms: string("Perms", "The file mode, in octal.", { default: "0644" }),
    uid: integer("Uid", "The owner of the file.", { default: null }),
    gid: integer("Gid", "The group of the file.", { default: null }),
    left_delimiter: string("LeftDelim", "What opens an action.", { default: "{{" }),
    right_delimiter: string("RightDelim", "What closes an action.", { default: "}}" }),
    wait: one("Wait", wait),
    error_on_missing_key: bool("ErrMissingKey", "A key that is not there is an error."),
    vault_grace: duration("VaultGrace", "Has no effect.", { deprecated: "Leave it out." }),
  },
};

export const logs: BlockSchema = {
  page: "logs",
  doc: "How much of a task's output is kept.",
  fields: {
    max_files: integer("MaxFiles", "How many files for each stream.", { default: 10 }),
    max_file_size: integer("MaxFileSizeMB", "The size at which the next file is begun.", {
      default: 10,
      unit: "MB",
    }),
    disabled: bool("Disabled", "Keep no output."),
    enabled: bool("Enabled", "Keep output.", { default: null, deprecated: "Say disabled instead." }),
  },
};

export const dispatchPayload: BlockSchema = {
  page: "dispatch_payload",
  doc: "Where the payload of a dispatched job is found by the task.",
  fields: { file: string("File", "The file, below the directory local/.") },
};
