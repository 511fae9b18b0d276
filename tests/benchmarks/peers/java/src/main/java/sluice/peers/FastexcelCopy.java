package sluice.peers;

import java.io.BufferedWriter;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Iterator;
import java.util.stream.Stream;
import org.dhatim.fastexcel.reader.Cell;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.dhatim.fastexcel.reader.Row;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyOutputStream;

/** Dhatim's streaming reader into one COPY by pgjdbc's copy API. */
public final class FastexcelCopy {
    private static final String COPY =
            "COPY orders (order_id, customer_name, email, sku, quantity, unit_price, currency,"
                    + " ordered_at, shipped, note) FROM STDIN";
    private static final int COPY_BUFFER_BYTES = 1 << 16;
    private static final int DATE_COLUMN = 7;
    private static final int LAST_COLUMN = 9;

    public static void main(String[] arguments) throws Exception {
        try (Connection connection = connect(System.getenv("PEER_DATABASE_URL"))) {
            connection.setAutoCommit(false);
            copy(arguments[0], connection);
            connection.commit();
        }
    }

    private static void copy(String path, Connection connection) throws Exception {
        PGConnection postgres = connection.unwrap(PGConnection.class);
        try (InputStream file = new FileInputStream(path);
                ReadableWorkbook workbook = new ReadableWorkbook(file);
                Stream<Row> rows = workbook.getFirstSheet().openStream();
                PGCopyOutputStream copy = new PGCopyOutputStream(postgres, COPY, COPY_BUFFER_BYTES);
                Writer out =
                        new BufferedWriter(new OutputStreamWriter(copy, StandardCharsets.UTF_8))) {
            Iterator<Row> each = rows.iterator();
            each.next(); // the header
            while (each.hasNext()) {
                write(out, each.next());
            }
        }
    }

    private static Connection connect(String address) throws Exception {
        URI url = URI.create(address);
        String[] login = url.getUserInfo().split(":", 2);
        String jdbc = "jdbc:postgresql://" + url.getHost() + ":" + url.getPort() + url.getPath();
        return DriverManager.getConnection(jdbc, login[0], login[1]);
    }

    private static void write(Writer out, Row row) throws IOException {
        for (int column = 0; column <= LAST_COLUMN; column++) {
            if (column > 0) {
                out.write('\t');
            }
            Cell cell = column < row.getCellCount() ? row.getCell(column) : null;
            if (cell == null || cell.getValue() == null) {
                out.write("\\N");
            } else {
                write(out, cell, column);
            }
        }
        out.write('\n');
    }

    private static void write(Writer out, Cell cell, int column) throws IOException {
        if (column == DATE_COLUMN) {
            out.write(cell.asDate().toLocalDate().toString());
            return;
        }
        switch (cell.getType()) {
            case NUMBER -> out.write(cell.asNumber().toString());
            case BOOLEAN -> out.write(cell.asBoolean() ? 't' : 'f');
            default -> writeEscaped(out, cell.getText());
        }
    }

    /** What COPY's text format has a meaning for is written as an escape. */
    private static void writeEscaped(Writer out, String text) throws IOException {
        for (int index = 0; index < text.length(); index++) {
            char each = text.charAt(index);
            switch (each) {
                case '\\' -> out.write("\\\\");
                case '\t' -> out.write("\\t");
                case '\n' -> out.write("\\n");
                case '\r' -> out.write("\\r");
                default -> out.write(each);
            }
        }
    }

    private FastexcelCopy() {}
}
