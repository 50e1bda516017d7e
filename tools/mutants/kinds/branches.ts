import ts from "typescript";
import type { Mutation } from "../mutation.ts";
import { inPlaceOf, nodesBelow, placeOf } from "../syntax.ts";

/** The only rule that layers see: `host.repairs`. */
const SEEN_BY_LAYERS = "repairs";

/** Each branch on `rules.*`, always taken and never taken. */
export function branches(source: ts.SourceFile): Mutation[] {
  return nodesBelow(source, ts.isPropertyAccessExpression)
    .filter((access) => isOfRules(access))
    .flatMap((access) => {
      const { parent } = access;
      const condition = ts.isBinaryExpression(parent) && isComparison(parent) ? parent : access;
      const name = `branch on rules.${conditionName(access, condition)} in ${placeOf(access)}`;
      const hints = [access.name.text];
      return [
        inPlaceOf(condition, `${name} always`, "true", hints),
        inPlaceOf(condition, `${name} never`, "false", hints),
      ];
    });
}

function isOfRules({ expression, name }: ts.PropertyAccessExpression): boolean {
  const owner = expression.getText();
  return /(?:^|\.)rules$/.test(owner) || (/(?:^|\.)host$/.test(owner) && name.text === SEEN_BY_LAYERS);
}

function conditionName(access: ts.PropertyAccessExpression, condition: ts.Expression): string {
  if (condition === access) return access.name.text;
  return `${access.name.text}${condition.getText().slice(access.getText().length)}`;
}

function isComparison({ operatorToken }: ts.BinaryExpression): boolean {
  return operatorToken.kind === ts.SyntaxKind.EqualsEqualsEqualsToken;
}
