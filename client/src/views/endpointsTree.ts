import * as vscode from "vscode";
import type { Endpoint, EndpointCause, Location, ProjectEndpoints } from "../../../server/src/protocol.ts";
import type { Server } from "../server.ts";
import { causeDescription, endpointDescription, endpointTooltip } from "./endpointText.ts";

type Node =
  | { readonly kind: "project"; readonly project: ProjectEndpoints }
  | { readonly kind: "tests"; readonly project: ProjectEndpoints }
  | { readonly kind: "endpoint"; readonly endpoint: Endpoint; readonly icon: string }
  | { readonly kind: "cause"; readonly cause: EndpointCause };

/** The side bar's tree: endpoints, then tests, each with its causes; the order is the server's. */
export class EndpointsTree implements vscode.TreeDataProvider<Node> {
  readonly #server: Server;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #disposables: vscode.Disposable[] = [];

  constructor(server: Server) {
    this.#server = server;
    this.#disposables.push(
      this.#changed,
      server.onDidChange(() => this.#changed.fire(undefined)),
      vscode.window.createTreeView("querysight.endpoints", { treeDataProvider: this, showCollapseAll: true }),
    );
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) {
      const { projects } = await this.#server.endpoints();
      const filled = projects.filter((project) => project.endpoints.length > 0 || project.tests.length > 0);
      const [only, ...others] = filled;
      if (only && others.length === 0) return childrenOf(only);
      return filled.map((project) => ({ kind: "project", project }));
    }
    switch (node.kind) {
      case "project":
        return childrenOf(node.project);
      case "tests":
        return node.project.tests.map((endpoint) => ({ kind: "endpoint", endpoint, icon: "beaker" }));
      case "endpoint":
        return node.endpoint.causes.map((cause) => ({ kind: "cause", cause }));
      case "cause":
        return [];
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case "project":
        return new vscode.TreeItem(node.project.name, vscode.TreeItemCollapsibleState.Expanded);
      case "tests": {
        const item = new vscode.TreeItem("Tests", vscode.TreeItemCollapsibleState.Collapsed);
        item.description = `${node.project.tests.length}`;
        item.iconPath = new vscode.ThemeIcon("beaker");
        return item;
      }
      case "endpoint":
        return endpointItem(node.endpoint, node.icon);
      case "cause":
        return causeItem(node.cause);
    }
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }
}

function childrenOf(project: ProjectEndpoints): Node[] {
  const endpoints: Node[] = project.endpoints.map((endpoint) => ({ kind: "endpoint", endpoint, icon: "globe" }));
  return project.tests.length > 0 ? [...endpoints, { kind: "tests", project }] : endpoints;
}

function endpointItem(endpoint: Endpoint, icon: string): vscode.TreeItem {
  const state = endpoint.causes.length
    ? vscode.TreeItemCollapsibleState.Collapsed
    : vscode.TreeItemCollapsibleState.None;
  const item = new vscode.TreeItem(endpoint.label, state);
  item.description = endpointDescription(endpoint);
  item.tooltip = endpointTooltip(endpoint);
  item.iconPath =
    endpoint.nPlusOne > 0
      ? new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground"))
      : new vscode.ThemeIcon(icon);
  open(item, endpoint.location);
  return item;
}

function causeItem(cause: EndpointCause): vscode.TreeItem {
  const item = new vscode.TreeItem(cause.label, vscode.TreeItemCollapsibleState.None);
  item.description = causeDescription(cause);
  item.tooltip = cause.location?.description ?? cause.label;
  item.iconPath = new vscode.ThemeIcon(cause.rule ? "issues" : "database");
  open(item, cause.location);
  return item;
}

function open(item: vscode.TreeItem, location: Location | null): void {
  if (location) item.command = { command: "querysight.openLocation", title: "Open", arguments: [location] };
}
