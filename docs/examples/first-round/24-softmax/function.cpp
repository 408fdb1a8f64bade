void softmax_rows(const double *in, double *out, int rows, int cols) {
    for (int i = 0; i < rows; i++) {
        const double *row = in + i * cols;
        double top = row[0];
        for (int j = 1; j < cols; j++) {
            if (row[j] > top) top = row[j];
        }
        double sum = 0.0;
        for (int j = 0; j < cols; j++) {
            out[i * cols + j] = exp(row[j] - top);
            sum += out[i * cols + j];
        }
        for (int j = 0; j < cols; j++) {
            out[i * cols + j] /= sum;
        }
    }
}
