/** For each state, the states that may follow it. A state that nothing follows is final. */
export type Transitions<State extends string> = { readonly [From in State]: readonly State[] };

/** Whether `to` may follow `from`. Staying as it is, is always lawful. */
export function mayBecome<State extends string>(
  table: Transitions<State>,
  step: { readonly from: State; readonly to: State },
): boolean {
  return step.from === step.to || table[step.from].includes(step.to);
}

/** Whether nothing may follow `state`. */
export function isFinal<State extends string>(table: Transitions<State>, state: State): boolean {
  return table[state].length === 0;
}
