import { sameBytes } from "./record-share.ts";
import type { SimCluster } from "./sim-cluster.ts";
import type { SimNode } from "./sim-node.ts";

/**
 * Where the views of the running nodes differ from the truth: every node that is up and has not left must be alive in
 * every view, as it describes itself; no other node may be. Returns at most `limit` differences, each as a sentence;
 * none means converged. A paused node must be alive in the other views, but its own view is not checked.
 */
export function disagreements(cluster: SimCluster, limit = 1): string[] {
  const found: string[] = [];
  for (const viewer of cluster.nodes) {
    if (!viewer.isRunning || hasLeft(viewer)) continue;
    for (const target of cluster.nodes) {
      const difference = differenceOf(viewer, target);
      if (difference === null) continue;
      found.push(difference);
      if (found.length >= limit) return found;
    }
  }
  return found;
}

function differenceOf(viewer: SimNode, target: SimNode): string | null {
  const seen = viewer.swim.member(target.name);
  const own = target.isUp && !hasLeft(target) ? target.swim.member(target.name) : undefined;
  if (own === undefined) {
    const isGone = seen === undefined || seen.status === "failed" || seen.status === "left";
    return isGone ? null : `${viewer.name} holds ${target.name} ${seen.status}, which is gone`;
  }
  if (seen === undefined) return `${viewer.name} doesn't know ${target.name}`;
  if (seen.status !== "alive") return `${viewer.name} holds ${target.name} ${seen.status}, which is alive`;
  if (seen.incarnation !== own.incarnation) {
    return `${viewer.name} has ${target.name} at incarnation ${seen.incarnation}, which is at ${own.incarnation}`;
  }
  if (seen.address.key !== own.address.key) return `${viewer.name} has an old address of ${target.name}`;
  return sameBytes(seen.meta, own.meta) ? null : `${viewer.name} has old metadata of ${target.name}`;
}

function hasLeft(node: SimNode): boolean {
  return node.swim.statusOf(node.name) === "left";
}
