"""Features: whatever holds rows of numbers is read alike, and what holds none is named."""

import fractions
import math
import pickle
from array import array
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Value, compile
from nn.reading.tables import FeatureTable, read_features, require_equal_rows

ROWS = [[0.5, 1.0], [2.0, -3.0], [4.0, 5.5]]
NAN = math.nan


class Example(NamedTuple):
    X: Any
    y: Any
    features: Any


class TestRead:
    @pytest.mark.parametrize(
        "rows",
        [
            ROWS,
            tuple(map(tuple, ROWS)),
            [ROWS[0], tuple(ROWS[1]), array("d", ROWS[2])],
            (row for row in ROWS),
            map(iter, ROWS),
            [[fractions.Fraction(1, 2), True], [2, -3], [4, fractions.Fraction(11, 2)]],
            memoryview(array("d", [0.5, 1, 2, -3, 4, 5.5])).cast("B").cast("d", (3, 2)),
            Example(ROWS, [0, 1, 1], ["width", "height"]),
            read_features(ROWS, 2),
        ],
        ids=lambda given: type(given).__name__,
    )
    def test_what_holds_rows(self, rows):
        table = read_features(rows, 2)
        assert (table.rows, table.columns, len(table)) == (3, 2, 3)
        assert table.lists() == ROWS
        assert [table.row(row) for row in range(3)] == ROWS
        assert table.row(-1) == ROWS[2]
        assert not table.from_array

    def test_names_of_a_data_set(self):
        assert read_features(Example(ROWS, [0, 1, 1], ["u", "v"]), 2).names == ("u", "v")

    def test_any_number_of_columns(self):
        assert read_features(ROWS, None).columns == 2

    @settings(max_examples=30)
    @given(st.lists(st.lists(st.floats(-1e300, 1e300), min_size=3, max_size=3), min_size=1))
    def test_numbers_are_kept_to_the_bit(self, rows):
        table = read_features(rows, 3)
        assert list(map(repr, table.lists())) == list(map(repr, rows))

    def test_take(self):
        table = read_features(ROWS, 2)
        assert table.take([2, 0, 0]).lists() == [ROWS[2], ROWS[0], ROWS[0]]
        assert table.take(range(1, 3)).lists() == ROWS[1:]
        with pytest.raises(IndexError, match="row 3 of 3 rows"):
            table.take([3])

    def test_a_table_travels(self):
        table = pickle.loads(pickle.dumps(read_features(ROWS, 2)))
        assert isinstance(table, FeatureTable)
        assert table.lists() == ROWS

    def test_programs_read_it_in_place(self):
        program = compile(lambda x: x[0] + 10.0 * x[1])
        table = read_features(ROWS, 2)
        assert list(program.rows(table.data)) == [x + 10.0 * y for x, y in ROWS]
        assert list(program.rows(table.take([1]).data)) == [2.0 - 30.0]

    def test_it_is_a_copy_of_lists(self):
        rows = [[1.0, 2.0]]
        table = read_features(rows, 2)
        rows[0][0] = 5.0
        assert table.row(0) == [1.0, 2.0]


class TestArrays:
    @pytest.fixture
    def numpy(self):
        return pytest.importorskip("numpy")

    @pytest.mark.parametrize(
        "kind", ["f8", "f4", "f2", "i1", "u8", "bool", "longdouble", ">f8", "O"]
    )
    def test_any_real_type(self, numpy, kind):
        table = read_features(numpy.array([[0, 1], [1, 1]]).astype(kind), 2)
        assert table.from_array
        assert table.data.dtype == numpy.float64
        assert table.lists() == [[0.0, 1.0], [1.0, 1.0]]
        assert table.take([1, 1]).lists() == [[1.0, 1.0], [1.0, 1.0]]
        assert table.row(0) == [0.0, 1.0]

    def test_doubles_are_not_copied(self, numpy):
        rows = numpy.ones((3, 2))
        assert numpy.shares_memory(read_features(rows, 2).data, rows)

    @pytest.mark.parametrize(
        "view",
        [
            lambda numpy, wide: wide[:, ::2],
            lambda numpy, wide: wide[:2].T,
            lambda numpy, wide: numpy.asfortranarray(wide),
            lambda numpy, wide: numpy.ma.masked_array(wide),
            lambda numpy, wide: memoryview(wide[:, ::2]),
            lambda numpy, wide: memoryview(wide.astype("f4")),
        ],
    )
    def test_views(self, numpy, view):
        rows = view(numpy, numpy.arange(12.0).reshape(3, 4))
        table = read_features(rows, None)
        assert table.lists() == rows.tolist()
        assert memoryview(table.data).c_contiguous

    def test_numbers_of_numpy_in_lists(self, numpy):
        rows = [list(row) for row in numpy.array(ROWS)]
        assert read_features(rows, 2).lists() == ROWS
        assert read_features([[numpy.int64(3), numpy.float32(0.5)]], 2).lists() == [[3.0, 0.5]]
        assert read_features(list(numpy.array(ROWS)), 2).lists() == ROWS

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda n: n.ones(3), r"one axis \(3 numbers\).*for one example give X.reshape\(1, -1"),
            (lambda n: n.ones(5), r"for one feature per example give X.reshape\(-1, 1\)"),
            (lambda n: n.array(5.0), "single number"),
            (lambda n: n.ones((2, 8, 8)), r"3 axes \(2 x 8 x 8\).*X.reshape\(2, -1\)"),
            (lambda n: n.ones((0, 3)), "X is empty"),
            (lambda n: n.ones((2, 0)), "rows without numbers"),
            (lambda n: n.ones((5, 2)), "X has 2 columns, the model has 3 inputs$"),
            (lambda n: n.ones((3, 5)), "X has 5 columns, the model has 3 inputs; .*transposed"),
            (lambda n: n.array([[1, 2, 3], [4, 5, NAN]]), "X has nan in row 1, column 2"),
            (lambda n: n.array([[1, 2, -n.inf]]), "X has -inf in row 0, column 2"),
            (lambda n: n.array([[1, 2, 3j]]), "array of complex numbers"),
            (lambda n: n.array([["1", "b", "c"]]), "text in row 0, column 0: '1'"),
            (lambda n: n.array([[1, None, 2]]), "X has None in row 0, column 1"),
            (lambda n: n.array([[1, 2, "c"]], dtype=object), "text in row 0, column 2: 'c'"),
            (lambda n: n.array([[1, 2, "2020-01-01"]], dtype="M8[D]"), "array of dates"),
            (lambda n: n.ma.masked_equal([[1, 2, 3]], 3), "masked number in row 0, column 2"),
            (lambda n: n.array([[1, 2, 10**400]], dtype=object), "column 2 is too large"),
        ],
    )  # fmt: skip
    @pytest.mark.filterwarnings("ignore:Warning. 'where' used")
    def test_what_is_refused(self, numpy, make, message):
        with pytest.raises((TypeError, ValueError), match=message):
            read_features(make(numpy), 3)


class TestPandas:
    @pytest.fixture
    def pandas(self):
        return pytest.importorskip("pandas")

    def test_columns_of_different_types(self, pandas):
        frame = pandas.DataFrame(
            {
                "width": [0.5, 1.5],
                "count": pandas.array([1, 2], dtype="Int64"),
                "old": [True, False],
                "new": pandas.array([False, True], dtype="boolean"),
                "any": pandas.array([1, 2.5], dtype=object),
            },
            index=["a", "b"],
        )
        table = read_features(frame, 5)
        assert table.lists() == [[0.5, 1.0, 1.0, 0.0, 1.0], [1.5, 2.0, 0.0, 1.0, 2.5]]
        assert table.names == ("width", "count", "old", "new", "any")
        assert table.from_array

    @pytest.mark.parametrize(
        ("columns", "message"),
        [
            ({"a": [1.0, NAN]}, "X has nan in row 1, column 'a'"),
            ({"a": [1, 2], "b": ["x", "y"]}, "text in row 0, column 'b': 'x'"),
            ({"a": [1, 2], "b": [1.5, math.inf]}, "X has inf in row 1, column 'b'"),
            ({"a": [1, 2], "b": [1.5, None]}, "X has nan in row 1, column 'b'"),
            ({"a": []}, "X is empty"),
        ],
    )
    def test_what_is_refused(self, pandas, columns, message):
        with pytest.raises((TypeError, ValueError), match=message):
            read_features(pandas.DataFrame(columns), len(columns))

    def test_whole_numbers_missing(self, pandas):
        frame = pandas.DataFrame({"a": pandas.array([1, None], dtype="Int64"), "b": [0, 1]})
        with pytest.raises(ValueError, match="in row 1, column 'a'"):
            read_features(frame, 2)

    def test_categories(self, pandas):
        frame = pandas.DataFrame({"a": pandas.Categorical(["x", "y"]), "b": [0, 1]})
        with pytest.raises(TypeError, match="text in row 0, column 'a': 'x'"):
            read_features(frame, 2)

    def test_a_series(self, pandas):
        with pytest.raises(ValueError, match=r"X.to_frame\(\)"):
            read_features(pandas.Series([1.0, 2.0]), 1)


class TestRefused:
    @pytest.mark.parametrize(
        ("rows", "features", "message"),
        [
            ([[1.0] * 13], 30, "X has 13 columns, the model has 30 inputs"),
            ([1, 2, 3], 1, r"one axis \(3 numbers\).* give \[\[x\] for x in X\]"),
            ([1, 2, 3], 3, r"for one example give \[X\]"),
            (array("d", [1, 2]), 1, r"\[\[x\] for x in X\]"),
            ([], 2, "X is empty"),
            ([[]], 2, "rows without numbers"),
            ([[1, 2], [3]], 2, "row 1 has 1 number, row 0 has 2"),
            ([[1, 2], [3, NAN]], 2, "X has nan in row 1, column 1"),
            ([[1, 2], [3, math.inf]], 2, "X has inf in row 1, column 1"),
            ([[1, 2, NAN], [3, 4, 5]], 3, "X has nan in row 0, column 2"),
            ([[1e308, 1e308], [1e308, NAN]], 2, "nan in row 1, column 1"),
            ([[1, None]], 2, "X has None in row 0, column 1"),
            ([[1, "a"]], 2, "text in row 0, column 1: 'a'.*categories"),
            ([[1, 2j]], 2, "row 0, column 1 must be a real number, got complex"),
            ([[1, Value(2.0)]], 2, "row 0, column 1 must be a real number"),
            ([[1, 10**400]], 2, "row 0, column 1 is too large for a float"),
            ([[1, [2]]], 2, r"lists within its rows, in row 0 list \[2\]"),
            ([[1, 2], 5], 2, r"X\[1\] must be a row of numbers, got int 5"),
            (["a", "b"], 1, r"X\[0\] must be a row of numbers, got str 'a'"),
            ("abc", 3, "rows of numbers, got str 'abc'"),
            (b"abc", 3, "rows of numbers, got bytes"),
            (memoryview(b"abc"), 1, "one axis"),
            ({"a": [1, 2]}, 1, r"a dict of 1 column; give list\(zip\(\*X.values\(\)\)\)"),
            ({1, 2}, 1, "rows of numbers, got set"),
            ([{1, 2}], 2, r"X\[0\] must be a row of numbers, got set"),
            (3.0, 1, "rows of numbers, got float"),
            (None, 1, "rows of numbers, got NoneType"),
            (Value(1.0), 1, "rows of numbers, got Value"),
            (memoryview(array("b", b"abcd")).cast("B").cast("c", (2, 2)), 2, "buffer of format"),
        ],
    )
    def test_what_came_and_where(self, rows, features, message):
        with pytest.raises((TypeError, ValueError), match=message):
            read_features(rows, features)

    def test_sums_that_overflow_are_no_error(self):
        assert read_features([[1e308, 1e308]], 2).row(0) == [1e308, 1e308]

    def test_the_argument_has_its_name(self):
        with pytest.raises(ValueError, match="validation X has 1 column, the model has 2 inputs"):
            read_features([[1.0]], 2, name="validation X")

    def test_a_sparse_matrix(self):
        sparse = pytest.importorskip("scipy.sparse")
        with pytest.raises(TypeError, match=r"sparse csr_\w+; give X.toarray\(\)"):
            read_features(sparse.csr_array([[1.0, 0.0]]), 2)

    def test_unequal_rows(self):
        require_equal_rows(3, 3, "X", "y")
        with pytest.raises(ValueError, match="X has 1 row, but y has 2"):
            require_equal_rows(1, 2, "X", "y")
