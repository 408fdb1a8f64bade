__global__ void jacobi_rows(const float *u, float *v, int rows, int cols) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= rows) return;
    for (int j = 0; j < cols; j++) {
        int at = i * cols + j;
        bool border = i == 0 || j == 0 || i == rows - 1 || j == cols - 1;
        v[at] = border ? u[at] : 0.25f * (u[at - cols] + u[at + cols] + u[at - 1] + u[at + 1]);
    }
}
