__global__ void softmax_kernel(const double *in, double *out, int rows, int cols) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= rows) return;
    const double *row = in + i * cols;
    double top = INFINITY;
    for (int j = 0; j < cols; j++) {
        if (row[j] > top) top = row[j];
    }
    double sum = 0.0;
    for (int j = 0; j < cols; j++) {
        sum += exp(row[j] - top);
    }
    for (int j = 0; j < cols; j++) {
        out[i * cols + j] = exp(row[j] - top) / sum;
    }
}
