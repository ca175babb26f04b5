export type SortOrder = "ascending" | "descending";

export interface Column<Row> {
  title: string;
  width?: number;
  value: (row: Row) => string | number;
}

export interface TableOptions {
  pageSize: number;
  emptyText: string;
}

const DEFAULTS: TableOptions = { pageSize: 20, emptyText: "Nothing here yet" };

/** A table that sorts, filters and pages its rows; drawing it is somebody else's work. */
export class Table<Row> {
  private rows: Row[] = [];
  private page = 0;
  private sortColumn?: Column<Row>;
  private sortOrder: SortOrder = "ascending";
  private filterText = "";
  private readonly options: TableOptions;

  constructor(
    private readonly columns: Column<Row>[],
    options: Partial<TableOptions> = {},
  ) {
    this.options = { ...DEFAULTS, ...options };
  }

  setRows(rows: Row[]): void {
    this.rows = [...rows];
    this.page = 0;
  }

  sortBy(column: Column<Row>): void {
    if (this.sortColumn === column) {
      this.sortOrder = this.sortOrder === "ascending" ? "descending" : "ascending";
    } else {
      this.sortColumn = column;
      this.sortOrder = "ascending";
    }
  }

  filter(text: string): void {
    this.filterText = text.toLowerCase();
    this.page = 0;
  }

  /** The rows that pass the filter, in order. */
  visibleRows(): Row[] {
    const matching = this.rows.filter((row) => this.matches(row));
    if (this.sortColumn === undefined) {
      return matching;
    }
    const { value } = this.sortColumn;
    const direction = this.sortOrder === "ascending" ? 1 : -1;
    return matching.sort((a, b) => direction * compare(value(a), value(b)));
  }

  private matches(row: Row): boolean {
    if (this.filterText === "") {
      return true;
    }
    return this.columns.some((column) => String(column.value(row)).toLowerCase().includes(this.filterText));
  }
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") {
    return a - b;
  }
  return String(a).localeCompare(String(b));
}
