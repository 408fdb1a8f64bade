void softmax_rows_cuda(const double *in, double *out, int rows, int cols) {
    double *d_in, *d_out;
    size_t bytes = sizeof(double) * rows * cols;
    cudaMalloc(&d_in, bytes);
    cudaMalloc(&d_out, bytes);
    cudaMemcpy(d_in, in, bytes, cudaMemcpyHostToDevice);
    softmax_kernel<<<rows, SOFTMAX_THREADS>>>(d_in, d_out, cols);
    cudaMemcpy(out, d_out, bytes, cudaMemcpyDeviceToHost);
    cudaFree(d_in);
    cudaFree(d_out);
}
