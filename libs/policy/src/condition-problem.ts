/** Why a text is no condition, in words for whoever wrote it: `<field> <problem>`. */
export class ConditionProblem extends Error {}
